"""The page on metrics says of each one what the code says."""

import re
from pathlib import Path

import pytest

from quantloom.performance import FINDINGS, METRICS, REASONS, ReasonKey

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "metrics.md"
ROWS = [
    line.strip("| ").split(" | ") for line in PAGE.read_text("utf-8").splitlines() if "|" in line
]
NAME = re.compile(r"`(\w+)`")


def row_of(name: str) -> list[str]:
    (found,) = [row for row in ROWS if len(row) >= 3 and name in NAME.findall(row[0].split("(")[0])]
    return found


@pytest.mark.parametrize("name", METRICS)
def test_every_measure_has_one_row_with_its_unit_and_reasons(name: str) -> None:
    _, unit, *told = row_of(name)

    assert unit == METRICS[name].unit
    assert set(METRICS[name].reasons) == set(NAME.findall(told[-1])) & set(REASONS)


@pytest.mark.parametrize("key", REASONS)
def test_every_reason_is_told_in_its_words(key: ReasonKey) -> None:
    assert [f"`{key}`", REASONS[key].text_en] in ROWS


@pytest.mark.parametrize("code", FINDINGS)
def test_every_finding_is_listed_with_its_severity(code: str) -> None:
    (listed,) = [row for row in ROWS if row[0] == f"`{code}`" and len(row) >= 3]

    assert listed[1] == FINDINGS[code].severity
