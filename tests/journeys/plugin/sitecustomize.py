"""Makes the reader of media die on files named CRASHES: imported by every Python that has it on its path."""

import os
import signal
import sys


def _die(event, arguments):
    if event == "open" and "CRASHES" in str(arguments[0]) and "rushes_media.look" in sys.modules:
        os.kill(os.getpid(), signal.SIGSEGV)


sys.addaudithook(_die)
