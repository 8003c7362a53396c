"""Becomes a server: gives up rights, ties its life to its parent's, then executes the program.

Run as a file by `-I -S`, before anything else is loaded. A function between fork and exec would do
the same and could deadlock where the caller has threads.
"""

import ctypes
import os
import sys

_SET_PDEATHSIG, _SET_NO_NEW_PRIVS = 1, 38
PARENT_GONE = 113


def main() -> None:
    """Take parent, signal, uid and gid (-1 to stay), program and its arguments."""
    parent, signal, uid, gid = map(int, sys.argv[1:5])
    os.umask(0o077)
    if uid >= 0:
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    # After the change of user, which clears it.
    libc.prctl(_SET_PDEATHSIG, signal, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(PARENT_GONE)  # it died before the line above could tie us to it
    os.execv(sys.argv[5], sys.argv[5:])  # noqa: S606  no shell is what we want


if __name__ == "__main__":
    main()
