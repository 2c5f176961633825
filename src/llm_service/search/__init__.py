"""One search over everything that the dashboard shows."""
