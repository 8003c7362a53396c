"""Where rows come from, and what was done to them before they became what the catalog holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Required, TypedDict


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """How rows came to be what they are; kept with the dataset, never interpreted by it.

    Attributes:
        label: which end of a bar the source wrote as its time, `open` or `close`; the catalog
            holds open times either way.
        zone: time zone the source's times were read in.
        adjustment: none, forward, backward or unknown; forward where it is suspected says so.
        units: what was undone, such as `volume_lot` 100 or `turnover_scale` 1000.
        mapping: the mapping the source was read by, as the text of a mapping file.
        sha256: of the source's bytes, in hexadecimal.
        changes: repairs made to the rows, in words.
    """

    label: str = "open"
    zone: str = "UTC"
    adjustment: str = "unknown"
    units: Mapping[str, float] = field(default_factory=dict)
    mapping: str = ""
    sha256: str = ""
    changes: tuple[str, ...] = ()


class Told(TypedDict, total=False):
    """What is told of rows that are stored; `Catalog.write` describes each."""

    source: Required[str]
    licence: str
    dropped_rows: int
    origin: Origin | None
    quality: Mapping[str, Any] | None


class MoreTold(TypedDict, total=False):
    """What may be told of rows that join others; `Catalog.append` describes each."""

    source: str
    licence: str
    dropped_rows: int
    origin: Origin | None
    quality: Mapping[str, Any] | None
