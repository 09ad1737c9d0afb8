"""Engines feed records to the one quality kernel."""
