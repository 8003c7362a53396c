from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.data.quality import (
    CHECKS,
    GRADES,
    SEVERITIES,
    Finding,
    QualityReport,
    Severity,
    UnknownGrade,
    grade_of,
    is_worse,
    read_grade,
    worst_of,
)

severities = st.lists(st.sampled_from(SEVERITIES), max_size=6)


@pytest.mark.parametrize(
    ("found", "grade"),
    [
        ([], "A"),
        (["note"] * 9, "A"),
        (["minor"], "B"),
        (["minor"] * 9, "B"),
        (["warning"], "C"),
        (["warning", "warning", "minor", "minor"], "C"),
        (["warning"] * 3, "D"),
        (["serious", "warning", "warning", "warning"], "D"),
        (["serious"] * 3, "E"),
        (["grave"], "E"),
        (["grave"] * 3, "F"),
        (["fatal"], "F"),
        (["fatal"] * 5, "F"),
    ],
)
def test_a_grade_follows_from_the_findings(found: list[Severity], grade: str) -> None:
    assert grade_of(found) == grade


@given(severities, st.sampled_from(SEVERITIES))
def test_another_finding_never_makes_a_grade_better(found: list[Severity], more: Severity) -> None:
    assert not is_worse(grade_of(found), grade_of([*found, more]))


@given(severities.filter(bool), st.data())
def test_a_heavier_finding_never_makes_a_grade_better(
    found: list[Severity], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(found) - 1))
    heavier = data.draw(st.sampled_from(SEVERITIES[SEVERITIES.index(found[place]) :]))
    raised = [*found[:place], heavier, *found[place + 1 :]]

    assert not is_worse(grade_of(found), grade_of(raised))


@given(st.sampled_from([*CHECKS]), st.integers(1, 1000), st.integers(1, 1000))
def test_more_cases_never_weigh_less(name: str, fewer: int, more: int) -> None:
    low, high = sorted((fewer, more))
    weights = [
        SEVERITIES.index(Finding(check=name, count=count, of=1000).severity)
        for count in (low, high)
    ]

    assert weights == sorted(weights)


def test_what_is_kept_with_a_dataset_has_every_finding_and_no_examples() -> None:
    moment = datetime(2024, 1, 2, tzinfo=UTC)
    finding = Finding(check="duplicates", count=3, of=100)
    report = QualityReport(
        symbol="X.LOCAL",
        timeframe="1d",
        rows=100,
        start=moment,
        end=moment,
        findings=(finding,),
    )

    assert report.short() == {
        "grade": "C",
        "rows": 100,
        "findings": [
            {
                "check": "duplicates",
                "severity": "warning",
                "count": 3,
                "of": 100,
                "share": 0.03,
                "text": "3 rows repeat another row, the same in every column.",
                "text_zh": "3 行与另一行完全相同。",
            }
        ],
        "repairs": [],
    }


@pytest.mark.parametrize(("one", "other"), [*product(GRADES, GRADES)])
def test_grades_are_in_order(one: str, other: str) -> None:
    assert is_worse(one, other) == (one > other)
    assert worst_of([one, other]) == max(one, other)


def test_a_grade_is_read_in_either_case() -> None:
    assert read_grade(" b ") == "B"
    for text in ("", "G", "AB"):
        with pytest.raises(UnknownGrade) as caught:
            read_grade(text)
        assert "one of A, B, C, D, E and F" in str(caught.value)
