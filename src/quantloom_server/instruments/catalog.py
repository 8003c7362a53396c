"""What the service's catalog holds, by the manifests of its datasets.

`quantloom.data` reads them too, and brings Arrow with it: fifty megabytes in every process that
only wants to say what there is. A catalog in a bucket is left to it all the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import msgspec

from quantloom.kit import from_ns
from quantloom.market import BadTimeframe, Timeframe
from quantloom_server.settings import Settings

_MANIFEST = "manifest.json"
_BUCKET = "s3://"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Bars of one symbol and timeframe; `start` and `end` are open times."""

    timeframe: str
    rows: int
    start: datetime
    end: datetime
    grade: str | None
    source: str


class _Piece(msgspec.Struct):
    start_ns: int
    end_ns: int


class _Manifest(msgspec.Struct):
    rows: int
    pieces: tuple[_Piece, ...]
    source: str = ""
    quality: Mapping[str, Any] | None = None


class _Sealed(msgspec.Struct):
    dataset: _Manifest


def timeframes_held(settings: Settings) -> Mapping[str, list[str]]:
    """The timeframes of every symbol, shortest first."""
    if settings.catalog_place.startswith(_BUCKET):
        return _in_bucket(settings)
    found: dict[str, set[Timeframe]] = {}
    for root in _roots(settings):
        for path in root.glob(f"bars/*/*/*/{_MANIFEST}"):
            venue, code, part = path.parent.parts[-3:]
            if (timeframe := _timeframe(part)) is not None:
                found.setdefault(f"{unquote(code)}.{unquote(venue)}", set()).add(timeframe)
    by_length = {name: sorted(some, key=lambda one: one.seconds) for name, some in found.items()}
    return {name: list(map(str, some)) for name, some in by_length.items()}


def data_held(settings: Settings, symbol: str, timeframes: Sequence[str]) -> list[Held]:
    """Describe the bars of one symbol; what cannot be read is left out."""
    if settings.catalog_place.startswith(_BUCKET):
        return []
    code, _, venue = symbol.rpartition(".")
    folder = f"bars/{_safe(venue)}/{_safe(code)}"
    found = []
    for timeframe in timeframes:
        paths = (root / folder / timeframe / _MANIFEST for root in _roots(settings))
        found += [held for path in paths if (held := _read(path, timeframe))][:1]
    return found


def _read(path: Path, timeframe: str) -> Held | None:
    try:
        told = msgspec.json.decode(path.read_bytes(), type=_Sealed).dataset
    except (OSError, msgspec.DecodeError):
        return None
    if not told.pieces:
        return None
    grade = (told.quality or {}).get("grade")
    return Held(
        timeframe=timeframe,
        rows=told.rows,
        start=from_ns(told.pieces[0].start_ns),
        end=from_ns(told.pieces[-1].end_ns),
        grade=None if grade is None else str(grade),
        source=told.source,
    )


def _roots(settings: Settings) -> Iterator[Path]:
    """Where datasets lie; the first that has one answers for it."""
    yield Path(settings.catalog_place).expanduser()
    if settings.demo_data:
        yield Path(str(files("quantloom").joinpath("data", "demo")))


def _in_bucket(settings: Settings) -> Mapping[str, list[str]]:
    from quantloom.data import Catalog, Catalogs, demo_catalog  # noqa: PLC0415  brings Arrow

    layers = [Catalog(settings.catalog_place), *([demo_catalog()] if settings.demo_data else [])]
    held: dict[str, list[str]] = {}
    for _, one in Catalogs(tuple(layers)).there():
        held.setdefault(one.symbol, []).append(str(one.timeframe))
    return held


def _timeframe(part: str) -> Timeframe | None:
    try:
        return Timeframe.parse(part)
    except BadTimeframe:
        return None


def _safe(name: str) -> str:
    # As the catalog names its folders.
    return quote(name, safe="").replace(".", "%2E")
