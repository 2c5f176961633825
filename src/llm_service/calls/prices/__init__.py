"""The cost of a call: the user's own prices and those of genai-prices."""
