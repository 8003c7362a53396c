"""How a search is written on the command line: `fast=5:50:5`, `mode=calm,wild`, `0.25:0.5`."""

from collections.abc import Mapping, Sequence

from quantloom.backtest.optimise import AnySpan, Choice, EarlyStop
from quantloom.errors import Invalid
from quantloom.strategy import ParameterSpec, Value

_ENDS = 2


class BadSpan(Invalid):
    """A --space that names no values."""

    code = "cli.bad_span"

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return (
            f"--space {self.text!r} names no values; write fast=5:50 for all from 5 to 50, "
            "fast=5:50:5 for every fifth, or mode=calm,wild"
        )


class BadStop(Invalid):
    """A --stop-early that is not parts of the data and a share to keep."""

    code = "cli.bad_stop"

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return (
            f"--stop-early {self.text!r} is not known; write 0.25:0.5 to judge sets on the first "
            "quarter of the data and go on with the better half, or 0.1,0.3:0.5 to judge twice"
        )


def read_space(
    texts: Sequence[str], parameters: Mapping[str, ParameterSpec]
) -> dict[str, AnySpan] | None:
    """Read spans of parameters; None where none were given.

    Raises:
        BadSpan: one names no values.
    """
    if not texts:
        return None
    found: dict[str, AnySpan] = {}
    for text in texts:
        name, equals, span = text.partition("=")
        if not name.strip() or not equals or not span.strip():
            raise BadSpan(text)
        found[name.strip()] = _span(text, span.strip(), parameters.get(name.strip()))
    return found


def read_stop(text: str | None) -> EarlyStop | None:
    """Read when to give hopeless sets up.

    Raises:
        BadStop: it is not parts and a share.
        BadStudy: parts or share that make no sense.
    """
    if text is None:
        return None
    parts, _, keep = text.partition(":")
    try:
        return EarlyStop(tuple(map(float, parts.split(","))), float(keep or "0.5"))
    except ValueError:
        raise BadStop(text) from None


def _span(text: str, span: str, spec: ParameterSpec | None) -> AnySpan:
    if "," in span or ":" not in span:
        values = [one.strip() for one in span.split(",")]
        is_named = spec is None or spec.kind in {str, bool}
        return Choice(*values) if is_named else sorted(_numbers(text, values))
    ends = _numbers(text, span.split(":"))
    if len(ends) not in {_ENDS, _ENDS + 1}:
        raise BadSpan(text)
    return tuple(ends)


def _numbers(text: str, parts: Sequence[str]) -> list[Value]:
    try:
        return [float(part) if "." in part or "e" in part else int(part) for part in parts]
    except ValueError:
        raise BadSpan(text) from None
