"""Passwords that we make ourselves, in files that only their owner reads."""

import json
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from quantloom_server.platform.embedded.errors import BadSecrets


def make_keys(path: Path, names: Iterable[str]) -> dict[str, str]:
    """Make a random password for each name and keep them before anything uses them."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    made = {name: secrets.token_urlsafe(32) for name in names}
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="ascii") as file:  # noqa: PTH123  of a descriptor
        json.dump(made, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
    return made


def read_keys(path: Path, names: Iterable[str]) -> dict[str, str]:
    """Read passwords that were made before.

    Raises:
        BadSecrets: the file is gone, damaged or lacks one of the names.
    """
    try:
        known = json.loads(path.read_text(encoding="ascii"))
        return {name: str(known[name]) for name in names}
    except FileNotFoundError:
        raise BadSecrets(path, "is gone") from None
    except (ValueError, KeyError, TypeError):
        raise BadSecrets(path, "is damaged") from None
