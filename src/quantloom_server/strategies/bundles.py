"""A strategy as one JSON file: its fields, its last versions, and a checksum over both."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from quantloom_server.platform.edge.bodies import LARGEST_JSON
from quantloom_server.strategies.errors import BadBundle

FORMAT = "quantloom.strategy"
FORMAT_VERSION = 1
# Room for what JSON writes around the code, so that what was exported can be imported.
_MOST_BYTES = LARGEST_JSON - 64 * 1024


@dataclass(frozen=True, slots=True)
class Saved:
    """One version in a file."""

    number: int
    code: str
    changelog: str

    def plain(self) -> dict[str, Any]:
        return {"number": self.number, "code": self.code, "changelog": self.changelog}


def make_bundle(fields: dict[str, Any], versions: Sequence[Saved]) -> dict[str, Any]:
    """Put a file together.

    Args:
        fields: of the strategy, plain JSON.
        versions: the newest first; as many are taken along as an import takes.
    """
    kept: list[Saved] = []
    size = len(orjson.dumps(fields))
    for one in versions:
        size += len(orjson.dumps(one.plain()))
        if kept and size > _MOST_BYTES:
            break
        kept.append(one)
    held = [one.plain() for one in reversed(kept)]
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "strategy": fields,
        "versions": held,
        "checksum": checksum_of(fields, held),
    }


def checksum_of(fields: dict[str, Any], versions: list[dict[str, Any]]) -> str:
    """SHA-256 of both as JSON with sorted keys and no spaces."""
    held = {"strategy": fields, "versions": versions}
    return hashlib.sha256(orjson.dumps(held, option=orjson.OPT_SORT_KEYS)).hexdigest()


def refuse_damaged(bundle: dict[str, Any]) -> None:
    """Refuse a file that is not as it was written.

    Raises:
        BadBundle: its checksum is another, or its versions are not in order.
    """
    if bundle["checksum"] != checksum_of(bundle["strategy"], bundle["versions"]):
        raise BadBundle("its checksum does not fit what it holds")
    numbers = [one["number"] for one in bundle["versions"]]
    if numbers != sorted(set(numbers)):
        raise BadBundle("its versions are not in order")
