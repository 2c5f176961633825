"""What is followed: one module for each kind of file, which a `Follower` drives."""
