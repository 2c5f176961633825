"""Implementation plans: what their files say, how far they are, and where the files disagree."""
