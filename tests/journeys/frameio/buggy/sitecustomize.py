"""Every Python that has this on its path has a bug: a sink or a verb that opens a BUG divides by zero."""

import sys

CULPRITS = ("rushes_frameio/sink.py", "rushes/config/load.py", "rushes/config/find.py")


def _break(event, arguments):
    if event != "open" or "BUG" not in str(arguments[0]):
        return
    frame = sys._getframe()
    while frame is not None:
        if frame.f_code.co_filename.endswith(CULPRITS):
            raise ZeroDivisionError("a bug of the tests")
        frame = frame.f_back


sys.addaudithook(_break)
