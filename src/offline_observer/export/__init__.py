"""Sends what is in the journal elsewhere."""
