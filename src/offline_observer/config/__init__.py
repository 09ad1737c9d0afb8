"""The configuration: the YAML file, its values, and errors that name file and line."""
