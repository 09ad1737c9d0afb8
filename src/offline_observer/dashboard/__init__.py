"""The observer's own page: what the journal holds, in a browser."""
