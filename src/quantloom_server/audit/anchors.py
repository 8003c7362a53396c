"""The anchor file: the chain's head, written down every hour where the database does not reach.

Copy it off the machine, or point `QUANTLOOM_AUDIT_ANCHOR` at a place that only ever grows: whoever
can rewrite the database, the key and this file can rewrite history.
"""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import orjson

from quantloom_server.audit.chain import Seal


def add_anchor(path: Path, seal: Seal, at: datetime) -> None:
    """Write a head down, and wait until it is on disk."""
    line = orjson.dumps({"seq": seal.seq, "hash": seal.hash.hex(), "at": at.isoformat()})
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab") as file:
        # A line that a crash cut short is ended first, so that it spoils no other.
        file.write((b"" if _ends_well(path) else b"\n") + line + b"\n")
        file.flush()
        os.fsync(descriptor)


def read_anchors(path: Path) -> dict[int, bytes]:
    """The anchored heads by their numbers; a torn line is passed over."""
    return dict(_anchors(path)) if path.exists() else {}


def _anchors(path: Path) -> Iterator[tuple[int, bytes]]:
    for line in path.read_bytes().splitlines():
        try:
            told = orjson.loads(line)
            yield int(told["seq"]), bytes.fromhex(told["hash"])
        except (ValueError, KeyError, TypeError):
            continue


def _ends_well(path: Path) -> bool:
    size = path.stat().st_size
    if size == 0:
        return True
    with path.open("rb") as file:
        file.seek(size - 1)
        return file.read(1) == b"\n"
