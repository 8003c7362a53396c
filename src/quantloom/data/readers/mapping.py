"""What the columns of a file mean, how sure that is, and the small file that says so."""

import json
import tomllib
from collections.abc import Callable
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field, fields, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar
from zoneinfo import ZoneInfo

from quantloom.data.readers.raw import FileNotThere
from quantloom.errors import Invalid
from quantloom.market import BadTimeframe, Timeframe

T = TypeVar("T")
Kind = Literal["bars", "ticks", "trades", "quotes", "book"]
Label = Literal["open", "close", "session"]
Adjustment = Literal["none", "forward", "backward", "suspected"]

KINDS = ("bars", "ticks", "trades", "quotes", "book")
LABELS = ("open", "close", "session")
ADJUSTMENTS = ("none", "forward", "backward", "suspected")
DATES = ("day-first", "month-first")
VERSION = 1
_SURE = 0.5
_GIVEN = "as given"


class Role(StrEnum):
    """What a column is for."""

    TIME = "time"
    DATE = "date"
    CLOCK = "clock"
    RECEIVED = "received"
    SYMBOL = "symbol"
    VENUE = "venue"
    OPEN = "open"
    HIGH = "high"
    LOW = "low"
    CLOSE = "close"
    VOLUME = "volume"
    TURNOVER = "turnover"
    OPEN_INTEREST = "open_interest"
    SETTLEMENT = "settlement"
    ADJ_CLOSE = "adj_close"
    BID_OPEN = "bid_open"
    BID_HIGH = "bid_high"
    BID_LOW = "bid_low"
    BID_CLOSE = "bid_close"
    ASK_OPEN = "ask_open"
    ASK_HIGH = "ask_high"
    ASK_LOW = "ask_low"
    ASK_CLOSE = "ask_close"
    PRICE = "price"
    SIZE = "size"
    TOTAL = "total"
    SIDE = "side"
    BID = "bid"
    ASK = "ask"
    BID_SIZE = "bid_size"
    ASK_SIZE = "ask_size"
    MID = "mid"
    BID_DISTANCE = "bid_distance"
    ASK_DISTANCE = "ask_distance"
    BID_NOTIONAL = "bid_notional"
    ASK_NOTIONAL = "ask_notional"
    UPDATE = "update"
    BIDS = "bids"
    ASKS = "asks"
    EXTRA = "extra"
    IGNORED = "ignored"


class BadMapping(Invalid):
    """A mapping file that says what cannot be."""

    code = "data.bad_mapping"

    def __init__(self, source: str, problem: str) -> None:
        super().__init__(source, problem)
        self.source, self.problem = source, problem

    def __str__(self) -> str:
        return (
            f"{self.source}: {self.problem}; `quantloom data map FILE` writes a mapping to start "
            "from, docs/reference/mapping.md tells what each entry means"
        )


@dataclass(frozen=True, slots=True)
class Finding(Generic[T]):
    """Something worked out of a file.

    Attributes:
        confidence: 0 for a guess with nothing behind it, 1 for what was given or is written there.
        reasons: what speaks for it, one sentence each.
    """

    value: T
    confidence: float = 1.0
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnRole:
    """What one column is for.

    Attributes:
        name: as the file writes it, "" where it has none.
        level: of the book, the best being 1; 0 for columns that have no level.
        written: how its times are written, "" for columns that are no times.
        scale: its cells are multiplied by it.
    """

    name: str
    role: Role
    level: int = 0
    written: str = ""
    scale: float = 1.0
    confidence: float = 1.0
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a human should say, because the file does not.

    Attributes:
        about: the mapping's entry, such as symbol or day.
        text: the question.
        flag: of `quantloom data import`, that answers it.
        default: what is taken where nobody answers; None where nothing can be.
    """

    about: str
    text: str
    flag: str
    default: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What a human said of a file; None for what nobody did, and is worked out.

    Attributes:
        columns: role by the column's name, or by "#0", "#1" for its place; a level follows the
            role after a dot, as in `bid.1`.
        day: ISO date of times of day that stand without one.
        dates: `day-first` or `month-first`, of dates that can be read both ways.
    """

    kind: str | None = None
    columns: Dict[str, str] = field(default_factory=dict)
    timeframe: str | None = None
    label: str | None = None
    zone: str | None = None
    volume_lot: float | None = None
    turnover_scale: float | None = None
    price_scale: float | None = None
    adjustment: str | None = None
    symbol: str | None = None
    day: str | None = None
    dates: str | None = None

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if one.name != "columns" and value is not None:
                _check_value("what was said", one.name, value)

    @classmethod
    def from_toml(cls, text: str, source: str = "mapping") -> "Hints":
        """Read a mapping file: every entry in it counts as said by a human.

        Raises:
            BadMapping: no TOML, an entry nobody knows, or a value that cannot be.
        """
        try:
            told = tomllib.loads(text)
        except tomllib.TOMLDecodeError as problem:
            raise BadMapping(source, f"no TOML: {problem}") from None
        return _hints(told, source)

    def over(self, other: "Hints") -> "Hints":
        """Put these above others: what is said here counts, the rest is theirs."""
        mine = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "columns"}
        said = {name: value for name, value in mine.items() if value is not None}
        return replace(other, columns={**other.columns, **self.columns}, **said)

    def to_toml(self) -> str:
        """Write what was said, and nothing else, as a mapping file."""
        lines = [f"version = {VERSION}"]
        for one in fields(self):
            value = getattr(self, one.name)
            if value is not None and one.name != "columns":
                lines.append(f"{one.name} = {_toml(value)}")
        if self.columns:
            lines += ["", "[columns]"]
            lines += [f"{_toml(name)} = {_toml(role)}" for name, role in self.columns.items()]
        return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """What the columns of a table mean.

    Attributes:
        kind: bars; ticks, which are snapshots with the day's volume so far; trades; quotes; or
            book, which is updates of single levels.
        timeframe: length of the bars; "" for anything else.
        label: the end of a bar that its time names; `session` for bars of a day and longer.
        zone: IANA name of the clock the times were read from.
        volume_lot: shares, coins or contracts in one unit of the volume column.
        turnover_scale: money in one unit of the turnover column.
        price_scale: what the prices are divided by.
        symbol: canonical; "" where a column tells.
        day: ISO date of times of day; "" where the times have dates.
        dates: the order of day and month in dates such as 03/04/2024; "" where there are none.
        source: the table it was worked out of, in words.
    """

    kind: Finding[str]
    columns: tuple[ColumnRole, ...]
    timeframe: Finding[str] = Finding("")
    label: Finding[str] = Finding("open")
    zone: Finding[str] = Finding("UTC")
    volume_lot: Finding[float] = Finding(1.0)
    turnover_scale: Finding[float] = Finding(1.0)
    price_scale: Finding[float] = Finding(1.0)
    adjustment: Finding[str] = Finding("none")
    symbol: Finding[str] = Finding("")
    day: Finding[str] = Finding("")
    dates: Finding[str] = Finding("")
    notes: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    source: str = ""

    def places(self, role: Role) -> tuple[int, ...]:
        """Places of the columns of a role, those of a book's levels best first."""
        found = [place for place, one in enumerate(self.columns) if one.role is role]
        return tuple(sorted(found, key=lambda place: self.columns[place].level))

    def place(self, role: Role) -> int | None:
        """Place of the only column of a role; None where there is none."""
        found = self.places(role)
        return found[0] if found else None

    @property
    def confidence(self) -> float:
        """How sure the least sure of all findings is."""
        found = [getattr(self, name).confidence for name in FINDINGS]
        return float(min([*found, *(one.confidence for one in self.columns)]))

    def doubts(self) -> tuple[str, ...]:
        """Name the findings that are more likely wrong than a reader would like."""
        return tuple(name for name in FINDINGS if getattr(self, name).confidence < _SURE)

    def to_toml(self) -> str:
        """Write all of it as a mapping file, with reasons as comments."""
        lines = [f"version = {VERSION}"]
        for name in FINDINGS:
            found: Finding[Any] = getattr(self, name)
            lines += [f"# {_comment(reason)}" for reason in found.reasons]
            lines.append(f"{name} = {_toml(found.value)}  # {found.confidence:.0%} sure")
        lines += ["", "[columns]"]
        for place, one in enumerate(self.columns):
            note = f"  # {_comment(one.reason)}" if one.reason else ""
            lines.append(f"{_toml(self._key(place))} = {_toml(_spelled(one))}{note}")
        return "\n".join(lines) + "\n"

    def hints(self) -> Hints:
        """Give all of it as if a human had said so."""
        told = {name: getattr(self, name).value for name in FINDINGS}
        told = {name: value for name, value in told.items() if value != ""}
        columns = {self._key(place): _spelled(one) for place, one in enumerate(self.columns)}
        return Hints(columns=columns, **told)

    def to_json(self) -> dict[str, object]:
        """Give it for a program: every finding with its confidence and reasons."""
        told: dict[str, object] = {
            name: {
                "value": found.value,
                "confidence": round(found.confidence, 3),
                "reasons": list(found.reasons),
            }
            for name in FINDINGS
            for found in (getattr(self, name),)
        }
        told["columns"] = [
            {
                "name": one.name,
                "role": _spelled(one),
                "written": one.written,
                "confidence": round(one.confidence, 3),
                "reason": one.reason,
            }
            for one in self.columns
        ]
        told["notes"] = list(self.notes)
        told["questions"] = [
            {"about": one.about, "text": one.text, "flag": one.flag, "default": one.default}
            for one in self.questions
        ]
        return told

    def _key(self, place: int) -> str:
        name = self.columns[place].name
        is_unique = sum(one.name == name for one in self.columns) == 1
        return name if name and is_unique and not name.startswith("#") else f"#{place}"


FINDINGS = (
    "kind",
    "timeframe",
    "label",
    "zone",
    "volume_lot",
    "turnover_scale",
    "price_scale",
    "adjustment",
    "symbol",
    "day",
    "dates",
)
"""Names of the mapping's findings, in the order they are shown and written."""

_CHOICES = {"kind": KINDS, "label": LABELS, "adjustment": ADJUSTMENTS, "dates": DATES}
_CHECKS: Dict[str, tuple[Callable[[str], object], str]] = {
    "day": (date.fromisoformat, "a date like 2024-01-31"),
    "zone": (ZoneInfo, "a time zone like Asia/Shanghai"),
    "timeframe": (Timeframe.parse, "a timeframe like 1m or 1d"),
}
_NUMBERS = ("volume_lot", "turnover_scale", "price_scale")


def given(value: T) -> Finding[T]:
    """A finding that a human gave."""
    return Finding(value, 1.0, (_GIVEN,))


def explained(mapping: Mapping, said: Hints, reason: str) -> Mapping:
    """Give another reason for all that is as given, and that `said` does not say."""
    changes: dict[str, Any] = {
        name: replace(found, reasons=(reason,))
        for name in FINDINGS
        for found in (getattr(mapping, name),)
        if found.reasons == (_GIVEN,) and getattr(said, name) is None
    }
    columns = tuple(
        replace(one, reason=reason)
        if one.reason == _GIVEN and not {one.name, f"#{place}"} & said.columns.keys()
        else one
        for place, one in enumerate(mapping.columns)
    )
    return replace(mapping, columns=columns, **changes)


def read_mapping(path: Path) -> Hints:
    """Read a mapping file.

    Raises:
        FileNotThere: there is no such file.
        BadMapping: it cannot be read, or says what cannot be.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise FileNotThere(path) from None
    except (OSError, UnicodeDecodeError) as problem:
        raise BadMapping(str(path), str(problem)) from None
    return Hints.from_toml(text, str(path))


def parse_role(text: str) -> tuple[Role, int]:
    """Read a role with its level, such as `close` or `bid.1`.

    Raises:
        ValueError: no such role.
    """
    name, _, level = text.strip().partition(".")
    return Role(name), int(level or 0)


def _hints(told: dict[str, Any], source: str) -> Hints:
    version = told.pop("version", VERSION)
    if version != VERSION:
        raise BadMapping(source, f"version {version!r} instead of {VERSION}")
    columns = told.pop("columns", {})
    unknown = [name for name in told if name not in FINDINGS]
    if unknown:
        raise BadMapping(source, f"no entry is named {unknown[0]!r}")
    if not isinstance(columns, dict):
        raise BadMapping(source, "[columns] is no table")
    for name, role in columns.items():
        _check_role(source, name, role)
    for name, value in told.items():
        _check_value(source, name, value)
    said = {name: value for name, value in told.items() if value != ""}
    said |= {name: float(said[name]) for name in _NUMBERS if name in said}
    return Hints(columns=columns, **said)


def _check_role(source: str, name: str, role: object) -> None:
    try:
        parse_role(str(role))
    except ValueError:
        raise BadMapping(source, f"column {name!r} cannot be {role!r}") from None


def _check_value(source: str, name: str, value: object) -> None:
    if name in _NUMBERS:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not 0 < float(str(value)) < float("inf"):
            raise BadMapping(source, f"{name} is {value!r}, not a number above zero")
    elif not isinstance(value, str):
        raise BadMapping(source, f"{name} is {value!r}, not a text")
    elif value not in _CHOICES.get(name, (value,)) and (value or name != "dates"):
        raise BadMapping(source, f"{name} is {value!r}, not one of {', '.join(_CHOICES[name])}")
    elif value and name in _CHECKS and not _is_readable(_CHECKS[name][0], value):
        raise BadMapping(source, f"{name} is {value!r}, not {_CHECKS[name][1]}")


def _is_readable(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except (ValueError, OSError, KeyError, BadTimeframe):
        return False
    return True


def _spelled(one: ColumnRole) -> str:
    return f"{one.role}.{one.level}" if one.level else str(one.role)


def _comment(text: str) -> str:
    return " ".join(text.split())


def _toml(value: object) -> str:
    if isinstance(value, str):
        # The escapes of JSON are escapes of TOML; only DEL may stand bare in the one alone.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)
