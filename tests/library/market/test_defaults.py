from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.market import (
    AmbiguousMonth,
    Kind,
    UnknownSymbol,
    default_instrument,
    get_calendar,
    products,
)
from tests.library.market.test_symbols import CANONICAL
from tests.shared_data import SHARED, needs_shared

WONDERTRADER = "wondertrader commodities.json"
UNCHECKED = "default; terms not checked against a source"


@pytest.mark.parametrize(
    ("symbol", "tick", "lot", "currency", "calendar", "can_short"),
    [
        ("600519.SSE", "0.01", "100", "CNY", "cn_stock", False),
        ("688981.SSE", "0.01", "1", "CNY", "cn_stock", False),
        ("900901.SSE", "0.001", "100", "USD", "cn_stock", False),
        ("200002.SZSE", "0.01", "100", "HKD", "cn_stock", False),
        ("430047.BSE", "0.01", "100", "CNY", "cn_stock", False),
        ("510300.SSE", "0.001", "100", "CNY", "cn_stock", False),
        ("000300.INDEX", "0.01", "1", "CNY", "cn_stock", False),
        ("SPX.INDEX", "0.01", "1", "USD", "us_stock", True),
        ("AAPL.NASDAQ", "0.01", "1", "USD", "us_stock", True),
        ("BTC-USDT.BINANCE", "0.01", "0.00001", "USDT", "24x7", False),
        ("BTC-USDT-PERP.BINANCE", "0.01", "0.00001", "USDT", "24x7", True),
        ("EURUSD.FX", "0.00001", "1", "USD", "24x7", True),
        ("USDJPY.FX", "0.001", "1", "JPY", "24x7", True),
        ("6EH4.CME", "0.01", "1", "USD", "24x7", True),
        ("GOOG.LOCAL", "0.01", "1", "USD", "24x7", True),
    ],
)
def test_a_venue_tells_the_terms(
    symbol: str, tick: str, lot: str, currency: str, calendar: str, can_short: bool
) -> None:
    made = default_instrument(symbol)

    assert (made.symbol, made.tick_size, made.lot) == (symbol, Decimal(tick), Decimal(lot))
    assert (made.currency, made.calendar, made.can_short) == (currency, calendar, can_short)
    assert (made.multiplier, made.source) == (Decimal(1), "default")


@pytest.mark.parametrize(
    ("symbol", "tick", "multiplier", "calendar", "source"),
    [
        ("rb2410.SHFE", "1", 10, "SHFE.rb", WONDERTRADER),
        ("au-MAIN.SHFE", "0.02", 1000, "SHFE.au", WONDERTRADER),
        ("TA2501.CZCE", "2", 5, "CZCE.TA", WONDERTRADER),
        ("IF2403.CFFEX", "0.2", 300, "CFFEX.IF", WONDERTRADER),
        ("IM2403.CFFEX", "0.2", 200, "CFFEX.IM", UNCHECKED),
        ("si2409.GFEX", "5", 5, "GFEX.si", UNCHECKED),
    ],
)
def test_a_chinese_future_has_its_products_terms(
    symbol: str, tick: str, multiplier: int, calendar: str, source: str
) -> None:
    made = default_instrument(symbol)

    assert (made.tick_size, made.multiplier) == (Decimal(tick), Decimal(multiplier))
    assert (made.calendar, made.currency, made.source) == (calendar, "CNY", source)
    assert made.is_margined


@pytest.mark.parametrize(
    ("symbol", "tick", "multiplier", "currency", "calendar"),
    [
        ("IO2406-C-3500.CFFEX", "0.2", 100, "CNY", "CFFEX.IF"),
        ("MO2406-C-5000.CFFEX", "0.2", 100, "CNY", "CFFEX.IM"),
        ("m2409-C-3000.DCE", "1", 10, "CNY", "DCE.m"),
        ("SR2409C6000.CZCE", "1", 10, "CNY", "CZCE.SR"),
        ("510050C2406M02500.SSE", "0.0001", 10_000, "CNY", "cn_stock"),
        ("90000001.SZSE", "0.0001", 10_000, "CNY", "cn_stock"),
        ("SPY240119C00450000.US", "0.01", 100, "USD", "us_stock"),
    ],
)
def test_an_option_is_paid_for_in_full_and_cannot_be_short(
    symbol: str, tick: str, multiplier: int, currency: str, calendar: str
) -> None:
    made = default_instrument(symbol)

    assert (made.tick_size, made.multiplier) == (Decimal(tick), Decimal(multiplier))
    assert (made.currency, made.calendar) == (currency, calendar)
    assert (made.is_margined, made.can_short) == (False, False)
    assert made.source.startswith("default")


def test_prices_of_a_commodity_option_tell_its_tick_which_is_finer_than_its_futures() -> None:
    assert default_instrument("m2409-C-3000.DCE", np.array([110.5, 112.0])).tick_size == Decimal(
        "0.1"
    )


@pytest.mark.parametrize("code", sorted(products()))
def test_every_product_makes_an_instrument_of_its_own_terms(code: str) -> None:
    product = products()[code]

    made = default_instrument(f"{product.code}-MAIN.{product.venue}")

    assert (made.tick_size, made.multiplier) == (product.tick_size, product.multiplier)
    assert get_calendar(made.calendar).name == f"{product.venue}.{product.code}"


@pytest.mark.parametrize("symbol", sorted(CANONICAL))
def test_every_default_calendar_exists(symbol: str) -> None:
    calendar = default_instrument(symbol).calendar

    assert get_calendar(calendar).name == calendar


def test_prices_on_the_venues_tick_change_nothing() -> None:
    made = default_instrument("600519.SSE", np.array([1700.0, np.nan, 1701.5]))

    assert (made.tick_size, made.source) == (Decimal("0.01"), "default")


def test_adjusted_prices_bring_their_finer_tick_and_say_so() -> None:
    made = default_instrument("600519.SSE", np.array([1700.0, 1701.2345]))

    assert made.tick_size == Decimal("0.0001")
    assert made.source == "default; tick inferred from prices"


def test_prices_far_below_the_tick_do_not_lie_on_it() -> None:
    made = default_instrument("AAPL.US", np.array([2.5e-11, 1.5e-11]))

    assert made.tick_size == Decimal("1e-12")


def test_a_future_off_its_tick_keeps_its_multiplier_and_names_both_sources() -> None:
    made = default_instrument("au1912.SHFE", np.array([340.05, 341.0]))

    assert (made.tick_size, made.multiplier) == (Decimal("0.01"), Decimal(1000))
    assert made.source == f"{WONDERTRADER}; tick inferred from prices"


@pytest.mark.parametrize("symbol", ["BTC-USDT.BINANCE", "EURUSD.FX", "GOOG.LOCAL", "SPX.INDEX"])
def test_where_no_venue_sets_the_tick_prices_do(symbol: str) -> None:
    made = default_instrument(symbol, np.array([1.5, 1.25]))

    assert made.tick_size == Decimal("0.01")
    assert made.source == "default; tick inferred from prices"


def test_prices_without_one_finite_value_tell_nothing() -> None:
    assert default_instrument("AAPL.US", np.array([np.nan])).source == "default"


@given(st.lists(st.integers(1, 10**7), min_size=1), st.integers(0, 5))
def test_prices_are_always_valid_order_prices(counts: list[int], decimals: int) -> None:
    prices = np.array(counts) / 10**decimals

    made = default_instrument("rb2410.SHFE", prices)

    assert all(made.price(price).value > 0 for price in prices.tolist())


def test_a_venue_nobody_knows_is_treated_as_local_data() -> None:
    made = default_instrument("ABC.MARS")

    assert (made.symbol, made.kind, made.currency) == ("ABC.MARS", Kind.STOCK, "USD")


def test_a_spelling_gives_the_instrument_of_its_canonical_symbol() -> None:
    assert default_instrument("SHFE.rb.HOT").symbol == "rb-MAIN.SHFE"


@pytest.mark.parametrize("text", ["my-data", "", ".LOCAL", "x."])
def test_what_is_no_symbol_at_all_is_refused(text: str) -> None:
    with pytest.raises(UnknownSymbol):
        default_instrument(text)


def test_a_three_digit_month_must_be_resolved_with_its_date_first() -> None:
    with pytest.raises(AmbiguousMonth):
        default_instrument("TA501")


@needs_shared
@pytest.mark.parametrize("stem", ["SHFE.rb.HOT", "CFFEX.IF.HOT", "DCE.i.HOT", "INE.sc.HOT"])
def test_real_futures_prices_lie_on_the_table_s_tick(stem: str) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    table = pq.read_table(SHARED / f"data/bars/cn_futures/{stem}.5m.parquet")

    made = default_instrument(stem, table["close"].to_numpy())

    assert made.source == WONDERTRADER
