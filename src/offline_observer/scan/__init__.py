"""The quick way for many records: their JSON is looked through as machine code (pure; needs the extra `speed`).

machine_code.py finds where the values of fields stand in records' texts, and counts texts where they stand; it is compiled
by Numba when it is first needed. scanner.py and column_counter.py are what the kernel and the profile see of it.
"""
