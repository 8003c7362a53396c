from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from tools import make_demo_data

from quantloom.data import DatasetInfo, demo_catalog, read_bars
from quantloom.market import Bars, get_calendar
from tests.shared_data import SHARED, needs_shared

ROOT = Path(__file__).resolve().parents[3]
INFOS = demo_catalog().list()
every_dataset = pytest.mark.parametrize(
    "info", INFOS, ids=[f"{info.symbol}-{info.timeframe}" for info in INFOS]
)


def test_there_is_something_of_every_market() -> None:
    assert {info.instrument.calendar for info in INFOS} == {
        "24x7",
        "CFFEX.IF",
        "CZCE.TA",
        "DCE.m",
        "SHFE.rb",
        "cn_stock",
        "us_stock",
    }


def test_the_set_is_small_enough_to_ship() -> None:
    folder = demo_catalog().root

    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) <= 3_000_000


@every_dataset
def test_every_dataset_may_be_passed_on_and_notice_says_so(info: DatasetInfo) -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")

    assert info.licence in {"Apache-2.0", "MIT", "BSD-3-Clause"}
    entry = f"- {info.symbol} {info.timeframe}, {info.rows} bars, "
    assert entry in notice
    assert f"  Source: {info.source}\n  Licence: {info.licence}\n" in notice


def test_notice_is_what_the_tool_writes() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")

    assert notice == "\n".join(make_demo_data.notice(INFOS)) + "\n"


@every_dataset
def test_every_dataset_is_whole(info: DatasetInfo) -> None:
    bars = demo_catalog().read(info.symbol, info.timeframe)

    assert bars.digest() == info.digest
    columns = {name: getattr(bars, name) for name in ("ts", "open", "high", "low", "close")}
    Bars.of(info.symbol, info.timeframe, **columns, volume=bars.volume)


@every_dataset
def test_every_price_lies_on_its_tick(info: DatasetInfo) -> None:
    bars = demo_catalog().read(info.symbol, info.timeframe)

    for price in np.unique([bars.open, bars.high, bars.low, bars.close]).tolist():
        assert float(info.instrument.price(price).value) == price


@every_dataset
def test_every_calendar_is_known(info: DatasetInfo) -> None:
    assert get_calendar(info.instrument.calendar).name == info.instrument.calendar


@pytest.mark.parametrize(
    ("symbol", "tick", "lot", "multiplier"),
    [
        ("rb-MAIN.SHFE", "1", "1", "10"),
        ("IF-MAIN.CFFEX", "0.2", "1", "300"),
        ("m-MAIN.DCE", "1", "1", "10"),
        ("TA-MAIN.CZCE", "2", "1", "5"),
        ("600000.SSE", "0.01", "100", "1"),
        ("BTC-USD.COINBASE", "0.01", "0.0001", "1"),
    ],
)
def test_contracts_have_the_terms_of_their_exchange(
    symbol: str, tick: str, lot: str, multiplier: str
) -> None:
    instrument = demo_catalog().instrument(symbol)

    terms = (instrument.tick_size, instrument.lot, instrument.multiplier)
    assert terms == (Decimal(tick), Decimal(lot), Decimal(multiplier))


def test_an_a_share_cannot_be_sold_short() -> None:
    assert not demo_catalog().instrument("600519.SSE").can_short


@needs_shared
def test_making_the_set_again_gives_the_same_bars(tmp_path: Path) -> None:
    sample = make_demo_data.SAMPLES[0]
    read = read_bars(
        SHARED / "data" / sample.file,
        symbol=sample.instrument.symbol,
        timeframe=sample.timeframe,
    )

    info = demo_catalog().info(sample.instrument.symbol, sample.timeframe)

    assert read.bars.digest() == info.digest
