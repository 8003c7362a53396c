"""Compiled indicators against numbers that another project publishes and tests itself by."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from quantloom.indicators import get_indicator
from quantloom.market import Bars
from tests.shared_data import SHARED, needs_shared

GOLDEN = json.loads(
    (Path(__file__).resolve().parents[2] / "golden/stock_indicators.json").read_text("utf-8")
)


def published_bars() -> Bars:
    with (SHARED / "data/raw/skender/default.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    prices: dict[str, Any] = {
        name: [float(row[name]) for row in rows]
        for name in ("open", "high", "low", "close", "volume")
    }
    return Bars.of("SPY", "1d", ts=np.array([row["date"] for row in rows], "M8[D]"), **prices)


@needs_shared
@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: case["file"])
def test_values_are_those_published(case: dict[str, Any]) -> None:
    chosen = get_indicator(case["indicator"]).bind(**case["parameters"])

    values = chosen.compute(published_bars())

    for output, published in case["values"].items():
        for row, text in published:
            decimals = len(text.partition(".")[2])
            # Half a unit of the last digit; the published numbers are rounded half to even.
            assert abs(values[output][row] - float(text)) <= 0.500001 * 10**-decimals, (output, row)
