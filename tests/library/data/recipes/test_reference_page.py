"""docs/reference/recipes.md names every step with every setting and its default."""

from pathlib import Path

import pytest

from quantloom.data.recipes import STAGES, STEPS
from quantloom.data.recipes.features import DAILY, HOURLY, ROLLED

PAGE = (Path(__file__).parents[4] / "docs/reference/recipes.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", STEPS)
def test_the_page_names_every_setting_of_a_step(name: str) -> None:
    (part,) = (one for one in PAGE.split("\n### ") if one.startswith(f"`{name}`"))

    settings = STEPS[name].settings
    assert [one.name for one in settings if f"| `{one.name}` |" not in part] == []
    assert [choice for one in settings for choice in one.choices if f"`{choice}`" not in part] == []


def test_the_page_names_the_stages_in_order() -> None:
    assert ", ".join(STAGES) in PAGE


def test_the_page_names_what_may_be_rolled_and_what_a_calendar_tells() -> None:
    assert [name for name in (*ROLLED, *DAILY, *HOURLY) if f"`{name}`" not in PAGE] == []
