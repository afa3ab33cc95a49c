"""Runs a program that is told to end when whoever started it has died, even of SIGKILL.

``python tied.py PROGRAM ARGUMENT...`` becomes the program. Only Linux can do this; elsewhere the
program is simply run.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1

if __name__ == "__main__":
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606 (there is no shell, and none is wanted)
