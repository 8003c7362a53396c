"""The reference page lists every check with its limits as they are."""

from pathlib import Path

import pytest

from quantloom.data.quality import CHECKS, Check

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


@pytest.mark.parametrize("name", CHECKS)
def test_the_page_tells_each_check_with_its_limits(name: str) -> None:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith(f"| `{name}` |")]

    assert len(rows) == 1
    assert rows[0].split("|")[-2].strip() == limits_as_told(CHECKS[name])
