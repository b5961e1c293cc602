"""A look through a folder before it is shared: what in it tells of single people, file by file."""
