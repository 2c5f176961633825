"""Hooks: what the programs of agents report about their sessions: at work, waiting for a person, idle."""
