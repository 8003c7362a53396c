"""Instruments for data that came without one, by what their venue usually asks."""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from quantloom.kit import FloatArray
from quantloom.market import venues
from quantloom.market.bars import PRICES, Bars
from quantloom.market.instruments import Instrument, Kind, infer_tick
from quantloom.market.option_codes import cn_option
from quantloom.market.products import products
from quantloom.market.symbols import Resolution, UnknownSymbol, resolve

# Rows looked at: enough to tell a tick, and quick on a million bars.
_SAMPLE = 25_000
_CENT = Decimal("0.01")
_MILL = Decimal("0.001")
_PIP = Decimal("0.0001")
_INDEX_TICK = Decimal("0.2")
_ONE = Decimal(1)
_HUNDRED = Decimal(100)
_COIN_LOT = Decimal("0.00001")
# Venues whose inverse contracts are worth 100 USD of BTC and 10 USD of other coins; else it is 1.
_LARGE_CONTRACTS = ("BINANCE", "OKX")
_STAR_MARKET = ("688", "689")
_DEFAULT = "default"
_INFERRED = "default; tick inferred from prices"


@dataclass(frozen=True, slots=True)
class _Terms:
    """What a venue asks; `is_usual` marks a tick that prices overrule even where they fit it."""

    tick: Decimal
    currency: str
    calendar: str
    lot: Decimal = _ONE
    multiplier: Decimal = _ONE
    can_short: bool = True
    is_usual: bool = False
    source: str = _DEFAULT


def default_instrument(symbol: str, prices: FloatArray | None = None) -> Instrument:
    """Assume an instrument's terms from its venue and kind, and its tick from its prices.

    Args:
        symbol: any spelling `resolve` reads, or any `code.VENUE`; a venue that is not known is
            treated as `LOCAL`: a stock in USD that trades around the clock.
        prices: (n,) prices of it in any order. They tell the tick where the venue does not; where
            they lie off the venue's tick, as adjusted prices do, the finer one is taken and
            `source` says so. Values that are not finite are passed over.
    Raises:
        UnknownSymbol: neither readable nor of the form `code.VENUE`.
        AmbiguousMonth: a three-digit month; resolve it with its date first.
    """
    found = _resolve(symbol)
    terms = _terms(found)
    tick, source = _tick(terms, prices)
    return Instrument(
        symbol=found.symbol,
        kind=found.kind,
        tick_size=tick,
        lot=terms.lot,
        multiplier=terms.multiplier,
        currency=terms.currency,
        calendar=terms.calendar,
        can_short=terms.can_short,
        source=source,
    )


def price_step(count: int) -> int:
    """Every which of so many bars is enough to tell the tick by; of so few, every one."""
    return max(count // _SAMPLE, 1)


def assume_instrument(bars: Bars) -> Instrument:
    """Assume the instrument of bars, its tick from some hundred thousand of their prices."""
    every = price_step(len(bars))
    prices = np.concatenate([getattr(bars, name)[::every] for name in PRICES])
    return default_instrument(bars.symbol, prices)


def _resolve(symbol: str) -> Resolution:
    try:
        return resolve(symbol)
    except UnknownSymbol:
        code, _, venue = symbol.rpartition(".")
        if not code or not venue:
            raise
        return Resolution(symbol, venue, code, Kind.STOCK, "a venue that is not known")


def _terms(found: Resolution) -> _Terms:
    if found.kind is Kind.OPTION:
        return _option(found)
    if found.venue in venues.CN_STOCK:
        return _cn_stock(found)
    if found.venue in venues.CN_FUTURES:
        return _cn_future(found)
    if found.venue in venues.US_STOCK:
        return _Terms(_CENT, "USD", "us_stock")
    terms_of = {
        Kind.FX: _fx,
        Kind.INDEX: _index,
        Kind.SPOT: _crypto,
        Kind.PERPETUAL: _crypto,
        Kind.INVERSE: _inverse,
    }
    if found.kind in terms_of:
        return terms_of[found.kind](found)
    return _Terms(_CENT, "USD", "24x7", is_usual=True)


def _cn_stock(found: Resolution) -> _Terms:
    # B shares trade in USD at Shanghai and in HKD at Shenzhen.
    currency = {"900": "USD", "200": "HKD"}.get(found.code[:3], "CNY")
    has_mills = found.kind in {Kind.FUND, Kind.BOND} or currency == "USD"
    tick = _MILL if has_mills else _CENT
    lot = _ONE if found.code.startswith(_STAR_MARKET) else _HUNDRED
    if found.kind is Kind.BOND:
        lot = Decimal(10)
    return _Terms(tick, currency, "cn_stock", lot=lot, can_short=False)


def _cn_future(found: Resolution) -> _Terms:
    product = products()[found.code.removesuffix("-MAIN").rstrip("0123456789").lower()]
    return _Terms(
        product.tick_size,
        "CNY",
        f"{found.venue}.{product.code}",
        multiplier=product.multiplier,
        source=product.source,
    )


def _option(found: Resolution) -> _Terms:
    """Bought and sold only: what a short option ties up is not reckoned."""
    option = cn_option(found.code, found.venue)
    if option is not None:
        product = option.product
        return _Terms(
            _INDEX_TICK if option.is_on_index else product.tick_size,
            "CNY",
            f"{product.venue}.{product.code}",
            multiplier=_HUNDRED if option.is_on_index else product.multiplier,
            can_short=False,
            is_usual=not option.is_on_index,
            source=_DEFAULT if option.is_on_index else "default; tick and multiplier of its future",
        )
    if found.venue in venues.US_STOCK:
        return _Terms(_CENT, "USD", "us_stock", multiplier=_HUNDRED, can_short=False)
    # A dividend changes units and strike of contracts that live then.
    source = "default; 10,000 units, as before any dividend"
    units = Decimal(10_000)
    return _Terms(_PIP, "CNY", "cn_stock", multiplier=units, can_short=False, source=source)


def _crypto(found: Resolution) -> _Terms:
    quote = found.code.removesuffix("-PERP").rpartition("-")[2]
    can_short = found.kind is Kind.PERPETUAL
    return _Terms(_CENT, quote, "24x7", lot=_COIN_LOT, can_short=can_short, is_usual=True)


def _inverse(found: Resolution) -> _Terms:
    coin = found.code.partition("-")[0]
    face = _ONE
    if found.venue in _LARGE_CONTRACTS:
        face = Decimal(100) if coin == "BTC" else Decimal(10)
    return _Terms(_CENT, coin, "24x7", multiplier=face, is_usual=True)


def _fx(found: Resolution) -> _Terms:
    tick = _MILL if found.code.endswith("JPY") else Decimal("0.00001")
    return _Terms(tick, found.code[3:], "24x7", is_usual=True)


def _index(found: Resolution) -> _Terms:
    if found.code.isdigit():
        return _Terms(_CENT, "CNY", "cn_stock", can_short=False, is_usual=True)
    return _Terms(_CENT, "USD", "us_stock", is_usual=True)


def _tick(terms: _Terms, prices: FloatArray | None) -> tuple[Decimal, str]:
    known = np.empty(0) if prices is None else prices[np.isfinite(prices)]
    if not len(known):
        return terms.tick, terms.source
    if terms.is_usual:
        return infer_tick(known), _INFERRED
    if _lie_on(known, float(terms.tick)):
        return terms.tick, terms.source
    return infer_tick(known), f"{terms.source}; tick inferred from prices"


def _lie_on(prices: FloatArray, tick: float) -> bool:
    nearest = np.maximum(np.rint(prices / tick), 1.0) * tick
    return np.allclose(nearest, prices, rtol=0.0, atol=tick * 1e-6)
