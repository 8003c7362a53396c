"""Who the embedded servers run as, and which folders that account can get at.

PostgreSQL refuses to run as root, and neither server needs any right. Started by root they run as
the account `quantloom` where an administrator made one, and else as `nobody`: the one account that
every Linux has, that owns nothing and that initdb can look up, which it demands. What else runs as
nobody could signal the servers, so a machine of several services wants the account of its own.
"""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from quantloom_server.platform.embedded.errors import FolderOutOfReach

_OWN, _EVERYWHERE = "quantloom", "nobody"


@dataclass(frozen=True, slots=True)
class Account:
    """An account that a server is started as."""

    name: str
    uid: int
    gid: int


def choose_account() -> Account | None:
    """The unprivileged account where root starts servers; None where the user runs them itself."""
    if os.geteuid() != 0:
        return None
    for name in (_OWN, _EVERYWHERE):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        if found.pw_uid != 0:
            return Account(name, found.pw_uid, found.pw_gid)
    return Account(_EVERYWHERE, 65_534, 65_534)


def make_data_folder(folder: Path, account: Account | None) -> None:
    """Make the folder that holds everything, which the servers pass and nobody else lists.

    Raises:
        FolderOutOfReach: the account is shut out by a folder on the way.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if account is None:
        folder.chmod(0o700)
        return
    if folder.stat().st_uid == 0:
        folder.chmod(0o711)
    blocked = blocked_on_the_way(folder, account)
    if blocked is not None:
        raise FolderOutOfReach(folder, blocked, account.name)


def make_private(folder: Path, account: Account | None) -> None:
    """Make a folder of mode 0700 that belongs to the account, with what is in it."""
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    if account is not None and folder.stat().st_uid != account.uid:
        for below, folders, files in os.walk(folder):
            for name in (*folders, *files):
                os.chown(Path(below, name), account.uid, account.gid, follow_symlinks=False)
        os.chown(folder, account.uid, account.gid)


def blocked_on_the_way(path: Path, account: Account) -> Path | None:
    """The first folder from the root down to `path` that the account may not pass."""
    whole = path.resolve()
    for folder in (*reversed(whole.parents), whole):
        if not _may_pass(folder, account):
            return folder
    return None


def _may_pass(folder: Path, account: Account) -> bool:
    found = folder.stat()
    if found.st_uid == account.uid:
        return bool(found.st_mode & 0o100)
    if found.st_gid == account.gid:
        return bool(found.st_mode & 0o010)
    return bool(found.st_mode & 0o001)
