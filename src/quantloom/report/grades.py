"""How good the data of a run are, as a report tells it."""

from collections.abc import Iterator

from quantloom.backtest import BacktestResult
from quantloom.data import DataGrade
from quantloom.performance import Severity
from quantloom.report.texts import Words

_WEIGHTS: dict[str, Severity] = {
    "warning": "warning",
    "serious": "grave",
    "grave": "grave",
    "fatal": "grave",
}
_SHOWN_HASH, _SHOWN_SYMBOLS, _SHOWN_FINDINGS = 8, 4, 4


def grade_of_data(result: BacktestResult, words: Words) -> str:
    """Grade and hash of each instrument's data, in a line."""
    hashes = dict(zip(result.data, result.hashes.data.split(), strict=True))
    grades = [*result.quality.values()]
    if len(grades) > _SHOWN_SYMBOLS:
        return words("data_grade.several", grade=result.data_grade, count=len(grades))
    return words("join").join(
        words(
            "data_grade.dataset" if one.digest else "data_grade.bars",
            grade=one.grade,
            hash=(one.digest or hashes[one.symbol])[:_SHOWN_HASH],
            symbol=f"{one.symbol} " if len(grades) > 1 else "",
        )
        for one in grades
    )


def of_data(result: BacktestResult, words: Words) -> Iterator[tuple[Severity, str]]:
    """What a check of the data has found, as far as it weighs."""
    for one in result.quality.values():
        for severity, text in _weighty(one, words, is_stitched=one.symbol in result.stitched):
            yield severity, words("warn.data", symbol=one.symbol, finding=text)


def _weighty(
    grade: DataGrade, words: Words, *, is_stitched: bool
) -> Iterator[tuple[Severity, str]]:
    told = [
        (_WEIGHTS[found.severity], found.text(words.language))
        for found in grade.findings
        # The diagnosis of a run tells of a chain that was taken for one instrument.
        if found.severity in _WEIGHTS and not (is_stitched and found.check == "rolls")
    ]
    yield from told[:_SHOWN_FINDINGS]
