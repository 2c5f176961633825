"""Events: their base class, their numbers, and publishing them in order."""
