"""The shape of a set of records, field by field: counts, sketches, a sample; all of it mergeable (pure).

Needs the extra `profile`.
"""
