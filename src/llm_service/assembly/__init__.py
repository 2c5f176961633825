"""Which features there are, and what each is given of the others."""
