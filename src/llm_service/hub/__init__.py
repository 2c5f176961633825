"""Events, numbered and announced in order."""
