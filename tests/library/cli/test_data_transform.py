"""`quantloom data resample` and `quantloom data adjust`."""

from pathlib import Path

import numpy as np
import pytest

from quantloom.data import Catalog, random_walk
from quantloom.market import Ticks, default_instrument, get_calendar, resample
from tests.library.cli.conftest import Cli

SYMBOL = "BTC-USDT.BINANCE"
START = 1_704_186_000_000_000_000
ACTIONS = "symbol,ex_day,split,cash\nAAPL.NASDAQ,2020-01-10,2,\nAAPL.NASDAQ,2020-01-15,,1.5\n"


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    made = Catalog(tmp_path / "catalog")
    made.write(random_walk(600, 3, symbol=SYMBOL), default_instrument(SYMBOL), source="made up")
    return made


def test_bigger_bars_are_made_and_stored(cli: Cli, catalog: Catalog) -> None:
    told = cli("data", "resample", SYMBOL, "--to", "15m", "--json").json

    small, made = catalog.read(SYMBOL, "1m"), catalog.read(SYMBOL, "15m")
    assert made.digest() == resample(small, "15m", get_calendar("24x7")).digest()
    assert told["stored"]
    assert told["rows"] == 40
    assert catalog.info(SYMBOL, "15m").source == "1m bars"
    assert catalog.info(SYMBOL, "15m").grade is not None


def test_bars_that_are_there_are_replaced_only_where_that_is_said(
    cli: Cli, catalog: Catalog
) -> None:
    cli("data", "resample", SYMBOL, "--timeframe", "1m", "--to", "1h")
    before = catalog.read(SYMBOL, "1h").digest()

    again = cli("data", "resample", SYMBOL, "--timeframe", "1m", "--to", "1h")
    replaced = cli("data", "resample", SYMBOL, "--timeframe", "1m", "--to", "1h", "--replace")

    assert again.code == 5
    assert "holds 1h bars of BTC-USDT.BINANCE already; --replace" in again.err
    assert "stored 10 bars" in replaced.out
    assert catalog.read(SYMBOL, "1h").digest() == before


def test_a_dry_run_stores_nothing(cli: Cli, catalog: Catalog) -> None:
    told = cli("data", "resample", SYMBOL, "--to", "5m", "--dry-run")

    assert "would store 120 bars" in told.out
    assert [str(one) for one in catalog.timeframes(SYMBOL)] == ["1m"]


def test_holes_are_filled_where_that_is_asked_for(cli: Cli, tmp_path: Path) -> None:
    whole = random_walk(60, 3, symbol=SYMBOL)
    catalog = Catalog(tmp_path / "catalog")
    catalog.write(whole[:20], default_instrument(SYMBOL), source="made up")
    catalog.append(whole[40:], source="made up")

    told = cli("data", "resample", SYMBOL, "--to", "5m", "--fill", "0", "--json").json

    assert told["filled"] == 4
    assert catalog.read(SYMBOL, "5m").extras["filled"].tolist() == [0] * 4 + [1] * 4 + [0] * 4


def test_bars_are_made_of_ticks(cli: Cli, tmp_path: Path) -> None:
    ticks = Ticks.of_trades(
        SYMBOL, ts=START + 10**9 * np.arange(90), price=np.full(90, 5.0), size=np.full(90, 2.0)
    )
    catalog = Catalog(tmp_path / "catalog")
    catalog.write_ticks(ticks, default_instrument(SYMBOL), source="made up")

    cli("data", "resample", SYMBOL, "--ticks", "--to", "1m")
    cli("data", "resample", SYMBOL, "--ticks", "--to", "40V")

    assert catalog.read(SYMBOL, "1m").volume.tolist() == [120, 60]
    assert catalog.read(SYMBOL, "40V").volume.tolist() == [40, 40, 40, 40, 20]


def test_factors_are_kept_with_real_prices_and_shown_applied(cli: Cli, tmp_path: Path) -> None:
    bars = random_walk(20, 3, symbol="AAPL.NASDAQ", timeframe="1d")
    catalog = Catalog(tmp_path / "catalog")
    catalog.write(bars, default_instrument("AAPL.NASDAQ"), source="made up", licence="CC0")
    (tmp_path / "actions.csv").write_text(ACTIONS)

    kept = cli("data", "adjust", "AAPL.NASDAQ", "--actions", str(tmp_path / "actions.csv"))
    told = cli("data", "adjust", "AAPL.NASDAQ", "--anchor", "latest", "--json").json
    known = ("--anchor", "latest", "--as-of", "2020-01-09", "--json")
    early = cli("data", "adjust", "AAPL.NASDAQ", *known).json

    held = catalog.read("AAPL.NASDAQ", "1d")
    assert "kept 3 factor(s)" in kept.out
    assert held.close.tolist() == bars.close.tolist()
    assert catalog.info("AAPL.NASDAQ", "1d").licence == "CC0"
    assert [one["day"] for one in told["factors"]] == ["2020-01-01", "2020-01-10", "2020-01-15"]
    assert told["bars"]["close"][-1] == bars.close[-1]
    assert early["bars"]["close"][-1] == bars.close[8]


def test_factors_of_a_file_are_kept_too(cli: Cli, tmp_path: Path) -> None:
    bars = random_walk(20, 3, symbol="AAPL.NASDAQ", timeframe="1d")
    catalog = Catalog(tmp_path / "catalog")
    catalog.write(bars, default_instrument("AAPL.NASDAQ"), source="made up")
    (tmp_path / "lean.csv").write_text("20200109,0.9,0.5,1\n20501231,1,1,0\n")

    shown = cli("data", "adjust", "AAPL.NASDAQ", "--factors", "lean.csv", "--json").json
    both = cli("data", "adjust", "AAPL.NASDAQ", "--factors", "a.csv", "--actions", "b.csv")

    assert [round(one["factor"], 9) for one in shown["factors"]] == [1, round(1 / 0.45, 9)]
    assert catalog.read("AAPL.NASDAQ", "1d").extras["adj_volume_factor"][-1] == 2
    assert both.code == 2


def test_bars_without_factors_say_where_to_get_some(cli: Cli, catalog: Catalog) -> None:
    told = cli("data", "adjust", SYMBOL)

    assert told.code == 3
    assert "carry no adjustment factors; give its corporate actions" in told.err
    assert catalog.info(SYMBOL, "1m").extras == ()
