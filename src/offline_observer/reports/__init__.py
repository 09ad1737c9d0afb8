"""HTML reports of a dataset's windows, made from their samples in a process of their own."""
