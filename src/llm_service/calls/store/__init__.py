"""Calls and their totals, in SQLite."""
