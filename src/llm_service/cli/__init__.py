"""The command `llm-service`."""
