"""The reference page: it lists the catalog as it is, and its examples run."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from quantloom.indicators import IndicatorDefinition, catalog, get_indicator, list_indicators
from tests.library.indicators.builders import make_bars, stream_over

PAGE = (Path(__file__).resolve().parents[3] / "docs/reference/indicators.md").read_text("utf-8")
USE_ONE, WRITE_YOUR_OWN = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
HEADING = (
    "| name | group | parameters | reads | gives | warm-up | what it is |\n"
    "|---|---|---|---|---|---|---|\n"
)


def row_of(entry: IndicatorDefinition) -> str:
    cells = (
        f"`{entry.name}`",
        entry.group,
        "<br>".join(f"`{parameter}`" for parameter in entry.parameters),
        ", ".join(entry.inputs),
        ", ".join(entry.outputs),
        str(entry.bind().warm_up),
        entry.description,
    )
    return f"| {' | '.join(cells)} |\n"


def test_the_page_lists_the_catalog_as_it_is() -> None:
    table = HEADING + "".join(map(row_of, list_indicators()))

    assert table in PAGE, f"docs/reference/indicators.md should hold:\n{table}"


def test_the_first_example_computes_and_streams_the_same() -> None:
    names: dict[str, Any] = {}

    exec(USE_ONE, names)

    np.testing.assert_allclose(names["batch"], [np.nan, np.nan, 34 / 3, 12, 40 / 3])
    np.testing.assert_array_equal(names["streamed"], names["batch"])
    assert (names["average"].label, names["average"].warm_up) == ("SMA(3)", 2)


def test_the_own_indicator_of_the_page_works_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "_definitions", dict(catalog._definitions))
    bars = make_bars([10.0, 12.0, 9.0, 11.0])

    exec(WRITE_YOUR_OWN, {"__name__": "page"})

    middle = get_indicator("CHANNEL_MIDDLE").bind(3)
    values = middle.compute(bars)["value"]
    np.testing.assert_array_equal(values, [np.nan, np.nan, 10.5, 10.5])
    np.testing.assert_array_equal(stream_over(middle, bars)["value"], values)
