"""What is to be collected, as a file or a command says it."""

import tomllib
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from quantloom.errors import Invalid
from quantloom.market import Timeframe, resolve

_FIELDS = ("provider", "symbols", "timeframe", "start")


class BadCollectSpec(Invalid):
    """A specification of what to collect that cannot be read."""

    code = "data.bad_collect_spec"

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(field, problem)
        self.field, self.problem = field, problem

    def __str__(self) -> str:
        return f"{self.field} {self.problem}; `quantloom data collect --help` shows examples"


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectSpec:
    """What to collect, from whom.

    Attributes:
        symbols: canonical, each once.
        start, end: aware; bars with start <= open time < end are wanted, and an end of None moves
            on with the present.
        factors: whether adjustment factors are asked too, where the provider has them.
        verify: whether everything is asked anew, to see what the provider has changed.
    """

    provider: str
    symbols: tuple[str, ...]
    timeframe: Timeframe
    start: datetime
    end: datetime | None = None
    factors: bool = True
    verify: bool = False

    def __post_init__(self) -> None:
        if not self.symbols:
            raise BadCollectSpec("symbols", "names none")
        if self.end is not None and self.end <= self.start:
            raise BadCollectSpec("end", f"{self.end:%Y-%m-%d} is not after {self.start:%Y-%m-%d}")

    @classmethod
    def of(cls, **given: Any) -> "CollectSpec":
        """Make one of plain values, as a file or a command line has them.

        Args:
            given: the fields by their names; times as dates, datetimes or ISO text, UTC where
                they have no zone; symbols in any usual spelling.
        Raises:
            BadCollectSpec: a field is missing, unknown or cannot be read.
            UnknownSymbol, AmbiguousMonth, BadTimeframe: as `resolve` and `Timeframe.parse`.
        """
        known = {field.name for field in fields(cls)}
        for name in given:
            if name not in known:
                raise BadCollectSpec(name, f"is none of {', '.join(sorted(known))}")
        for name in _FIELDS:
            if not given.get(name):
                raise BadCollectSpec(name, "is missing")
        start = _moment("start", given["start"])
        symbols = dict.fromkeys(resolve(str(one)).symbol for one in _listed(given["symbols"]))
        told = {
            "symbols": tuple(symbols),
            "timeframe": Timeframe.parse(given["timeframe"]),
            "start": start,
            "end": None if given.get("end") is None else _moment("end", given["end"]),
        }
        return cls(**(given | told))

    @classmethod
    def read(cls, path: Path, **overrides: Any) -> "CollectSpec":
        """Read a TOML file of the fields; what is given besides takes their place.

        Raises:
            BadCollectSpec: the file is not there, is no TOML, or a field cannot be read.
        """
        try:
            told = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise BadCollectSpec(str(path), f"cannot be read: {error}") from error
        return cls.of(**(told | overrides))


def _listed(value: object) -> list[object]:
    if isinstance(value, list | tuple):
        return list(value)
    raise BadCollectSpec("symbols", "must be a list of symbols")


def _moment(field: str, value: object) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise BadCollectSpec(field, f"{value!r} is no time like 2024-01-31") from None
    if isinstance(value, datetime):
        return value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime.combine(value, time(), UTC)
    raise BadCollectSpec(field, f"{value!r} is no time like 2024-01-31")
