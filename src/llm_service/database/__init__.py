"""One SQLite file with one writer thread."""
