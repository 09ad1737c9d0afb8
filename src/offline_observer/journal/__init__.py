"""The journal: one SQLite file that holds observations and the offsets that they cover."""
