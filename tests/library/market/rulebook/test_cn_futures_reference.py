"""The rules of the futures exchanges beside the shared reference and the bars of their days."""

import json
import re
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow.parquet as pq
import pytest

from quantloom.market import get_calendar, local_ns
from quantloom.market.rulebook.topics import Entry, Grid, Hours
from tests.library.market.rulebook.packaged import packaged, rule_on
from tests.shared_data import SHARED, needs_shared

FIVE_MINUTES = (
    "SHFE.ag.HOT",
    "SHFE.cu.HOT",
    "SHFE.rb.HOT",
    "DCE.i.HOT",
    "CZCE.TA.HOT",
    "INE.sc.HOT",
    "CFFEX.IF.HOT",
    "CFFEX.T.HOT",
    "INE.bc2305",
    "INE.nr2306",
    "SHFE.bu2306",
)
_DAY_NS = 86_400 * 10**9
_SHANGHAI = ZoneInfo("Asia/Shanghai")


@needs_shared
def test_grids_agree_with_the_reference_of_their_day() -> None:
    reference = _reference("commodities")
    for venue, rows in reference.items():
        for code, row in rows.items():
            grid = rule_on(venue.lower(), Grid, "2022-04-15", code)
            assert (float(grid.tick), int(grid.multiplier)) == (row["pricetick"], row["volscale"])


@needs_shared
def test_largest_orders_agree_with_the_reference_of_their_day() -> None:
    for venue, rows in _reference("contracts").items():
        for row in rows.values():
            grid = rule_on(venue.lower(), Grid, "2022-04-15", row["product"])
            assert grid.maximum == row["maxlimitqty"], row["code"]


@needs_shared
@pytest.mark.parametrize("file", FIVE_MINUTES)
def test_bars_lie_within_the_sessions_of_their_trading_day(file: str) -> None:
    venue, product = re.match(r"(\w+)\.([A-Za-z]+)", file).groups()  # type: ignore[union-attr]
    ts = _bar_times(file)
    calendar = get_calendar("cffex" if venue == "CFFEX" else "cn_futures")
    days = calendar.trading_day(ts)
    minutes = local_ns(ts, _SHANGHAI) % _DAY_NS // (60 * 10**9)

    for day in np.unique(days):
        open_minutes = _open_minutes(venue.lower(), product, str(day))
        assert set(minutes[days == day].tolist()) <= open_minutes, day


def _reference(name: str) -> dict[str, dict[str, dict[str, Any]]]:
    text = (SHARED / f"data/reference/cn_futures_{name}.json").read_text("gb18030")
    found: dict[str, dict[str, dict[str, Any]]] = json.loads(text)
    return found


def _bar_times(file: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    table = pq.read_table(SHARED / f"data/bars/cn_futures/{file}.5m.parquet", columns=["ts"])
    found: np.ndarray[tuple[int], np.dtype[np.int64]] = (
        table["ts"].to_numpy().astype("datetime64[ns]").astype(np.int64)
    )
    return found


def _open_minutes(name: str, product: str, day: str) -> set[int]:
    """Minutes of the clock in which a product traded on a trading day."""
    hours = rule_on(name, Hours, day, product)
    spans = hours.day if hours.night is None else (hours.night, *hours.day)
    if any(
        one.since <= date.fromisoformat(day) <= (one.to or date.max) for one in _dark(name, product)
    ):
        spans = hours.day
    return {minute % 1_440 for span in spans for minute in _minutes(span)}


def _dark(name: str, product: str) -> tuple[Entry, ...]:
    """Spans of days before which there was no night."""
    return packaged(name).entries.get(("no_nights", product), ())


def _minutes(span: str) -> range:
    opens, closes = (time.fromisoformat(end) for end in span.split("-"))
    start, end = (60 * one.hour + one.minute for one in (opens, closes))
    return range(start, end if start < end else end + 1_440)
