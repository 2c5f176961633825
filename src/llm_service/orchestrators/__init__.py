"""Orchestrators of plans: which run, starting and stopping them; the worktrees they work in; resources."""
