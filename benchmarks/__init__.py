"""Speed, measured from outside: `python -m benchmarks NAME`. The results are in docs/benchmarks.md."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # its helpers are those of the tests: kit/
