"""Runs all tests of this folder and says how it went in one line that
`tests/run` counts. A test that is skipped, or none at all, is a failure."""

import sys
import unittest
from pathlib import Path


def main():
    suite = unittest.defaultTestLoader.discover(str(Path(__file__).parent), pattern="test_*.py")
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
    broken = len(result.failures) + len(result.errors) + len(result.skipped) + len(result.unexpectedSuccesses)
    passed = result.testsRun - broken
    outcome = "ok" if broken == 0 and passed > 0 else "FAILED"
    print(f"test result: {outcome}. {passed} passed; {max(broken, int(passed == 0))} failed (clients in Python)")
    return 0 if outcome == "ok" else 1


if __name__ == "__main__":
    sys.exit(main())
