"""Rates of currencies as the command line gives them: `--fx EUR=eurusd.csv`."""

from collections.abc import Sequence
from decimal import Decimal

from quantloom.cli.sources import read_series
from quantloom.errors import Invalid
from quantloom.market import Bars, NotANumber, Timeframe, exact


class BadFx(Invalid):
    """An --fx that is not name=rates."""

    code = "cli.bad_fx"

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return (
            f"--fx {self.text!r} is not name=rates; write --fx EUR=eurusd.csv, a symbol of the "
            "catalog or a number in its place"
        )


def read_fx(
    texts: Sequence[str], timeframe: Timeframe, data_dir: str | None
) -> dict[str, Bars | Decimal]:
    """Read name=rates pairs: a number, a file or a symbol of the catalog.

    Args:
        timeframe: of the run; the catalog's bars of it are preferred, then its daily ones.
    Raises:
        BadFx: one is not name=rates.
    """
    found: dict[str, Bars | Decimal] = {}
    for text in texts:
        name, equals, told = (part.strip() for part in text.partition("="))
        if not (name and equals and told):
            raise BadFx(text)
        found[name] = _read(told, timeframe, data_dir)
    return found


def _read(told: str, timeframe: Timeframe, data_dir: str | None) -> Bars | Decimal:
    try:
        return exact(told)
    except NotANumber:
        return read_series(told, timeframe, data_dir)
