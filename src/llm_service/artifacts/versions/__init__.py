"""Earlier contents of generated files, to compare with."""
