"""Refuse to run on data that are worse than what is asked for."""

from collections.abc import Mapping

from quantloom.backtest.preparing import Prepared
from quantloom.data import DataGrade, inherit_grade
from quantloom.data.quality import GradeTooLow, is_worse, read_grade


def demand_grade(prepared: Prepared, least: str) -> Mapping[str, DataGrade]:
    """Grade the data of a run before it is made.

    Args:
        least: the worst grade that is accepted, A to F.
    Returns:
        The grade of each instrument's data, by symbol.
    Raises:
        UnknownGrade: `least` is none.
        GradeTooLow: data of a worse grade.
    """
    wanted, grades = read_grade(least), {}
    instruments = {one.symbol: one for one in prepared.spec.instruments}
    for symbol, bars in prepared.bars.items():
        facts = prepared.facts
        grade = inherit_grade(
            bars,
            instruments.get(symbol),
            ex_days=[one.ex_day for one in facts.actions.get(symbol, ())],
            is_rolled=symbol in facts.chains,
        )
        if is_worse(grade.grade, wanted):
            raise GradeTooLow(symbol, grade.grade, wanted, grade.why().rstrip("."))
        grades[symbol] = grade
    return grades
