"""Becomes another program, one that ends when the process that asked for it ends.

Run by path: `python -I -S launch.py PARENT DEATH_SIGNAL OWNER FOLDER PROGRAM ARGUMENT...`, with an OWNER of -1 for the
caller's own. It is a program of its own because code between fork and exec may deadlock in a process with threads.
"""

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1


def _end_with_parent(parent: int, signal: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal)
    if os.getppid() != parent:  # it ended before we asked to be told
        sys.exit(1)


def main(arguments: list[str]) -> None:
    """Give up root if asked to, and go on as the program named."""
    parent, signal, owner, folder, *command = arguments
    os.umask(0o077)
    if int(owner) >= 0:
        os.setgroups([])
        os.setgid(int(owner))
        os.setuid(int(owner))
    os.chdir(folder)
    _end_with_parent(int(parent), int(signal))  # after setuid, which would make the kernel forget it
    os.execv(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
