"""The SQLite database: one file, one writer thread."""
