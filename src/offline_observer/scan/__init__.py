"""The quick way for many records: their JSON is looked through as machine code (pure; needs the extra `speed`).

json_scan.py finds where the values of fields stand in records' texts, text_counts.py counts texts where they stand; both are
compiled by Numba when they are first needed. scanner.py and text_table.py are what the kernel and the profile see of them.
"""
