"""Runs the tests of this folder and prints one line of JSON for each."""

import json
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).parent


class Lines(unittest.TestResult):
    """Tells each test, and each part of one that failed, as soon as it is known."""


    def tell(self, test, failure=None):
        print(json.dumps({"test": str(test), "failure": failure}), flush=True)

    def addSuccess(self, test):
        self.tell(test)

    def addError(self, test, err):
        super().addError(test, err)
        self.tell(test, self._exc_info_to_string(err, test))

    addFailure = addError

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        self.tell(subtest, err and self._exc_info_to_string(err, test))


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    result = Lines()
    unittest.defaultTestLoader.discover(str(HERE)).run(result)
    sys.exit(0 if result.wasSuccessful() else 1)
