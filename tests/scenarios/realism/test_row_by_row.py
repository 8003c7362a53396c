"""The tables of `docs/reference/realism.md`: every rule has its row, every row its test."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = (HERE.parents[2] / "docs/reference/realism.md").read_text(encoding="utf-8")
ROWS = {
    "Chinese futures": (
        "Instrument spec",
        "Commission",
        "Today and yesterday",
        "Frozen lots",
        "Margin",
        "Settlement",
        "Price limit",
        "Trading day",
        "Expiry",
        "Roll",
        "CTP adapter",
        "Compliance counters",
    ),
    "A-shares": (
        "T+1",
        "Limit up and down",
        "Lots",
        "Fees",
        "Suspension",
        "Corporate actions",
        "Adjustment",
        "Auctions",
        "Short selling",
    ),
    "Crypto": (
        "Fees",
        "Grid",
        "Funding",
        "Leverage and liquidation",
        "24x7",
        "Inverse and quanto",
        "Post-only and reduce-only",
    ),
    "All markets": (
        "Exact money",
        "Snapped against the trader",
        "One order of events",
        "No older data",
        "Next open",
        "Stop before target",
        "Shared volume cap",
        "Re-check at fill",
        "Open marks",
        "Daily figures",
        "Provenance",
    ),
}
UNBUILT = re.compile(r"Not (in this release|modelled yet)")


def table(market: str) -> dict[str, tuple[str, str]]:
    """What a run does about each rule of a market, and the cell of its tests."""
    section = PAGE.partition(f"\n### {market}\n")[2].partition("\n#")[0]
    cells = re.findall(r"^\| (.+?) \| (.+?) \|(.*)\|$", section, flags=re.MULTILINE)
    return {rule: (told, tests) for rule, told, tests in cells if rule not in {"Rule", "---"}}


def named() -> set[str]:
    cells = " ".join(tests for market in ROWS for _, tests in table(market).values())
    return set(re.findall(r"`(test_\w+)`", cells))


def present(files: Iterable[Path]) -> set[str]:
    texts = [path.read_text(encoding="utf-8") for path in files]
    return {name for text in texts for name in re.findall(r"^def (test_\w+)\(", text, re.MULTILINE)}


@pytest.mark.parametrize("market", ROWS)
def test_every_rule_has_its_row(market: str) -> None:
    assert tuple(table(market)) == ROWS[market]


@pytest.mark.parametrize("market", ROWS)
def test_a_row_without_a_test_says_what_is_missing(market: str) -> None:
    bare = {rule: told for rule, (told, tests) in table(market).items() if "`test_" not in tests}

    assert [rule for rule, told in bare.items() if not UNBUILT.match(told)] == []


def test_every_test_that_a_row_names_is_a_run_and_none_is_left_out() -> None:
    assert named() <= present(HERE.parent.rglob("test_*.py"))
    assert present(HERE.glob("test_*_rows.py")) <= named()
