"""Speed, measured from outside: `python -m benchmarks NAME`. Results stand in docs/benchmarks.md."""
