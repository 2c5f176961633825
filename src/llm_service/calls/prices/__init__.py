"""What a call costs: our price tables beside genai-prices."""
