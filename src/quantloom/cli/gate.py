"""What a run does about data of a low grade: refuse them, or warn of them."""

from quantloom.backtest import BacktestResult
from quantloom.cli.output import warn
from quantloom.errors import Invalid


class BadGate(Invalid):
    """A --low-grade that is neither refuse nor warn."""

    code = "cli.bad_gate"

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return f"--low-grade {self.text!r} is unknown; write refuse or warn"


def read_gate(least: str | None, low_grade: str) -> str | None:
    """The grade below which a run is refused; None where none is.

    Raises:
        BadGate: `low_grade` is neither of the two.
        UnknownGrade: `least` is no grade.
    """
    if low_grade not in {"refuse", "warn"}:
        raise BadGate(low_grade)
    if least is None:
        return None
    from quantloom.data.quality import read_grade  # noqa: PLC0415  only for a gate

    wanted = read_grade(least)
    return wanted if low_grade == "refuse" else None


def warn_of_low_grades(result: BacktestResult, least: str | None) -> None:
    """Say which data are worse than what was asked for."""
    if least is None:
        return
    from quantloom.data.quality import is_worse, read_grade  # noqa: PLC0415  only for a gate

    for symbol, one in result.quality.items():
        if is_worse(one.grade, read_grade(least)):
            warn(
                f"warning: the data of {symbol} have grade {one.grade}, worse than "
                f"{read_grade(least)}: {one.why()}"
            )
