"""A program that behaves like a spec-kit script, so that a dashboard can be seen at work without any AI account."""
