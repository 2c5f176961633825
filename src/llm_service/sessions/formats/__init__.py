"""How the programs of agents write their sessions: one module for each, all with the same two functions."""
