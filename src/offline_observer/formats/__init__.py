"""The formats of records: how the bytes of a record's value become its fields."""
