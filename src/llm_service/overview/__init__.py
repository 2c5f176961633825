"""Now: what every agent is at, how anybody knows, and the figures of today, joined from all other features."""
