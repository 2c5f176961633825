"""What agents and services report: streams of insights, facts and metrics."""
