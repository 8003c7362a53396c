"""Settings of a step: what each may be, and how the values of a file become checked ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from quantloom.data.recipes.failures import BadSetting, UnknownSetting, close_to
from quantloom.errors import QuantloomError
from quantloom.market import Timeframe

REQUIRED = object()
"""Stands for a default where there is none."""

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting of a step.

    Attributes:
        kind: whole, number, flag, text, moment, timeframe, table; `wholes` and `texts` are lists
            of them, and one alone is read as a list of one.
        default: where the file says nothing; `REQUIRED` where it has to.
        choices: the only texts that are allowed, where there are any.
        low, high: bounds of numbers, both inclusive.
        meaning: what it says, in a few words.
    """

    name: str
    kind: str
    meaning: str
    default: Any = REQUIRED
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None

    def read(self, where: str, value: Any) -> Any:
        """Check a value of a file.

        Raises:
            BadSetting: it is of another kind, out of bounds or none of the choices.
        """
        is_list = self.kind in ("wholes", "texts")
        one = self.kind.removesuffix("s") if is_list else self.kind
        if not is_list:
            return self._one(where, one, value)
        listed = value if isinstance(value, list | tuple) else [value]
        if not listed:
            raise BadSetting(where, self.name, "names none")
        found = tuple(self._one(where, one, item) for item in listed)
        if len({*found}) < len(found):
            raise BadSetting(where, self.name, f"names one twice: {list(found)}")
        return found

    def _one(self, where: str, kind: str, value: Any) -> Any:
        try:
            found = _READERS[kind](value)
        except (ValueError, TypeError, QuantloomError) as error:
            raise BadSetting(where, self.name, f"is {value!r}, but must be {error}") from None
        problem = self._problem(found)
        if problem:
            raise BadSetting(where, self.name, problem)
        return found

    def _problem(self, value: Any) -> str:
        if self.choices and value not in self.choices:
            close = close_to(str(value), self.choices)
            guess = f"did you mean {' or '.join(close)}? " if close else ""
            return f"is {value!r}; {guess}it may be {', '.join(self.choices)}"
        if self.low is not None and value < self.low:
            return f"is {value}, below {self.low:g}"
        if self.high is not None and value > self.high:
            return f"is {value}, above {self.high:g}"
        return ""


def settle(where: str, settings: Sequence[Setting], given: Values) -> dict[str, Any]:
    """Check all that a file says of one step, and put in the defaults of what it leaves out.

    Raises:
        UnknownSetting: it says something that the step does not take.
        BadSetting: a value is wrong or missing.
    """
    known = tuple(one.name for one in settings)
    for name in given:
        if name not in known:
            raise UnknownSetting(where, name, known, close_to(name, known))
    found: dict[str, Any] = {}
    for one in settings:
        if one.name in given:
            found[one.name] = one.read(where, given[one.name])
        elif one.default is REQUIRED:
            raise BadSetting(where, one.name, f"is missing: {one.meaning}")
        else:
            found[one.name] = one.default
    return found


def _whole(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError("a whole number")


def _number(value: Any) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf"):
        return float(value)
    raise ValueError("a number")


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError("true or false")


def _text(value: Any) -> str:
    if isinstance(value, str) and value:
        return value
    raise ValueError("a text")


def _table(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return dict(value)
    raise ValueError('a table such as { name = "value" }')


def _timeframe(value: Any) -> str:
    return str(Timeframe.parse(_text(value)))


def _moment(value: Any) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError("a day or time like 2024-01-31") from None
    if isinstance(value, datetime):
        return value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime.combine(value, time(), UTC)
    raise ValueError("a day or time like 2024-01-31")


_READERS = {
    "whole": _whole,
    "number": _number,
    "flag": _flag,
    "text": _text,
    "table": _table,
    "timeframe": _timeframe,
    "moment": _moment,
}
