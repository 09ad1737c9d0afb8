"""The observer's own web address."""
