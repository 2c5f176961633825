"""Several hosts on one board: who they are, and what they know."""
