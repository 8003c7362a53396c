"""A band of fill assumptions: the headline with the pessimistic figures beside it."""

import math
from typing import Any

from quantloom.backtest import Band
from quantloom.cli.output import print_table
from quantloom.cli.summary import show_measure
from quantloom.performance import METRICS

_HEADINGS = ("Measure", "Base", "Pessimistic", "Optimistic")


def print_band(band: Band) -> None:
    """Print the headline under each assumption, and what the assumptions are."""
    rows = []
    for row in band.headline.rows():
        metric, *values = row.values()
        rows.append(
            (METRICS[metric].label_en, *(show_measure(METRICS[metric], one) for one in values))
        )
    print_table("Fill assumptions", _HEADINGS, rows, right="lrrr", spare=("Optimistic",))
    settings = [(setting, *values) for setting, values in band.differences.items()]
    print_table("What differs", ("Setting", *_HEADINGS[1:]), settings)


def plain_band(band: Band) -> dict[str, Any]:
    """What `--json` adds: measures and settings, by result."""
    metrics = band.headline["metric"].tolist()
    return {
        "headline": {
            name: {
                metric: None if math.isnan(value) else value
                for metric, value in zip(metrics, band.headline[name].tolist(), strict=True)
            }
            for name in band.results
        },
        "differences": {
            setting: dict(zip(band.results, values, strict=True))
            for setting, values in band.differences.items()
        },
    }
