"""A folder for sockets: private, and with a path short enough for one."""

import hashlib
import os
import stat
from pathlib import Path

from quantloom_server.platform.embedded.account import Account, blocked_on_the_way
from quantloom_server.platform.embedded.errors import (
    FolderNotOurs,
    FolderOutOfReach,
    SocketPathTooLong,
)

# The system allows 107 bytes; the longest name in the folder is `.s.PGSQL.5432.lock`.
LONGEST_FOLDER = 80


def choose_socket_folder(data_dir: Path) -> Path:
    """`run/sockets` in the data folder, or where that is too deep a short one named after it."""
    own = data_dir.resolve() / "run" / "sockets"
    if len(os.fsencode(own)) <= LONGEST_FOLDER:
        return own
    name = hashlib.sha256(os.fsencode(own)).hexdigest()[:16]
    if os.geteuid() == 0:
        return Path("/run") / f"quantloom-{name}"
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")
    if os.access(runtime, os.W_OK) and len(os.fsencode(runtime)) < 40:
        return runtime / f"quantloom-{name}"
    return Path("/tmp") / f"ql-{os.getuid()}-{name}"  # noqa: S108  checked to be ours below


def make_socket_folder(folder: Path, account: Account | None) -> None:
    """Make the folder with mode 0700, or accept it where it is exactly that already.

    Raises:
        SocketPathTooLong: its path leaves no room for a socket's name.
        FolderNotOurs: it is there and is a link, belongs to another or lets others in.
        FolderOutOfReach: the account is shut out by a folder on the way.
    """
    if len(os.fsencode(folder)) > LONGEST_FOLDER:
        raise SocketPathTooLong(folder)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        _check(folder, account)
    if account is not None:
        os.chown(folder, account.uid, account.gid)
        blocked = blocked_on_the_way(folder, account)
        if blocked is not None:
            raise FolderOutOfReach(folder, blocked, account.name)


def _check(folder: Path, account: Account | None) -> None:
    found = folder.lstat()
    owners = {os.geteuid()} if account is None else {os.geteuid(), account.uid}
    if not stat.S_ISDIR(found.st_mode):
        raise FolderNotOurs(folder, "is not a folder")
    if found.st_uid not in owners:
        raise FolderNotOurs(folder, f"belongs to user {found.st_uid}")
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise FolderNotOurs(folder, "lets other users in")
