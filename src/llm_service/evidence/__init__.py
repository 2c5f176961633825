"""Whether the files that tasks claim to have made are there."""
