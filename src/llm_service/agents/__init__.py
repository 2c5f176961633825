"""Agents: what each has at hand, and the last that was heard of it."""
