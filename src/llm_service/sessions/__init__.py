"""The sessions of agents as their programs log them: who, where, what was done, and the transcript."""
