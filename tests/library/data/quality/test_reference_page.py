"""The reference page lists every check with its limits as they are."""

import re
from pathlib import Path

import pytest

from quantloom.data.quality import CHECKS, TREATMENTS, Check

PAGE = Path(__file__).parents[4] / "docs/reference/data-quality.md"


def limits_as_told(check: Check) -> str:
    """A limit that the next one shares never decides; one of a hundred percent is never passed."""
    told = []
    for limit, following in zip(check.limits, (*check.limits[1:], None), strict=True):
        if limit >= 1 or limit == following:
            told.append("–")
        else:
            told.append(f"{100 * limit:g} %" if limit else "0")
    return ", ".join(told)


def rows_of(name: str) -> list[list[str]]:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    return [
        [cell.strip() for cell in line.split("|")]
        for line in lines
        if line.startswith(f"| `{name}` |")
    ]


@pytest.mark.parametrize("name", CHECKS)
def test_the_page_tells_each_check_with_its_limits(name: str) -> None:
    [limits] = [cells[3] for cells in rows_of(name) if len(cells) == 5]

    assert limits == limits_as_told(CHECKS[name])


@pytest.mark.parametrize("name", TREATMENTS)
def test_the_page_tells_how_each_check_can_be_mended(name: str) -> None:
    [treatments] = [cells[2] for cells in rows_of(name) if len(cells) == 4]

    assert tuple(re.findall(r"`([a-z-]+)`", treatments)) == TREATMENTS[name]
