"""What is asked of the broker: watermarks and exact ranges of records."""
