"""What is inside a generated file: type, text, preview, differences, search."""
