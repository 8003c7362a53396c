"""Random days of real markets under the rule book: limits, nights, gaps, orders of every kind."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from quantloom.backtest import BacktestResult, backtest
from quantloom.market import Bar, Bars, Instrument, assume_instrument
from quantloom.market.rulebook import RuleBook, rule_book
from quantloom.strategy import Strategy
from quantloom.trading import Fill
from tests.library.backtest.case_orders import random_action
from tests.library.backtest.cases import strategy_of
from tests.library.market.rulebook.rule_texts import entry, rule_text

_D = Decimal
_HOUR_S = 3_600
_NIGHT = ("21:00", "22:00")
_LEVIES = ("section_31", "trading_activity")
# No holiday lies in these weeks; New York puts its clocks forward in the first of them.
_DAYS = tuple(date(2024, 3, day) for day in (4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 18, 19, 20))

Row = dict[str, Any]
Prices = tuple[int, int, int, int]


@dataclass(frozen=True)
class Market:
    """An instrument as its exchange's notices have it in March 2024, written down by hand.

    Attributes:
        start: price of the first day, in ticks. lot: what random orders are multiples of.
        least: of a purchase.
        limit: how far a price may go from the one of the day before; last_day: on the last one.
        takes_today: a close takes the lots of the day first.
        names_age: whether orders say if they close the day's lots; None where nobody asks.
    """

    symbol: str
    start: int
    tick: Decimal
    opens: tuple[str, ...]
    night: tuple[str, ...] = ()
    zone: str = "Asia/Shanghai"
    lot: Decimal = _D(1)
    multiplier: Decimal = _D(1)
    least: Decimal = _D(0)
    limit: Fraction | None = None
    last: date | None = None
    last_limit: Fraction | None = None
    sells_next_day: bool = False
    takes_today: bool = False
    names_age: bool | None = None
    is_settled: bool = False
    is_margined: bool = False
    can_short: bool = True


_SHARES = ("09:30", "10:30", "13:00", "14:00")
_FUTURE: Row = {"is_settled": True, "is_margined": True}
_SHARE: Row = {
    "tick": _D("0.01"),
    "opens": _SHARES,
    "lot": _D(100),
    "sells_next_day": True,
    "can_short": False,
}
REBAR = Market(
    "rb2410.SHFE",
    3_700,
    _D(1),
    ("09:00", "10:00", "13:30", "14:30"),
    _NIGHT,
    multiplier=_D(10),
    limit=Fraction(5, 100),
    names_age=True,
    **_FUTURE,
)
MEAL = replace(
    REBAR,
    symbol="m2405.DCE",
    start=3_100,
    limit=Fraction(6, 100),
    takes_today=True,
    names_age=False,
)
INDEX = Market(
    "IF2403.CFFEX",
    17_500,
    _D("0.2"),
    _SHARES,
    multiplier=_D(300),
    limit=Fraction(10, 100),
    last=date(2024, 3, 15),
    last_limit=Fraction(20, 100),
    takes_today=True,
    names_age=False,
    **_FUTURE,
)
MAIN = Market("600519.SSE", 1_005, limit=Fraction(10, 100), **_SHARE)
STAR = Market("688001.SSE", 4_003, least=_D(200), limit=Fraction(20, 100), **_SHARE)
CHINEXT = Market("300750.SZSE", 2_507, limit=Fraction(20, 100), **_SHARE)
BEIJING = Market("830799.BSE", 1_511, least=_D(100), limit=Fraction(30, 100), **_SHARE)
PERPETUAL = Market(
    "BTC-USDT-PERP.BINANCE",
    600_000,
    _D("0.1"),
    ("00:00", "07:00", "15:00", "23:00"),
    zone="UTC",
    lot=_D("0.05"),
    is_margined=True,
)
US = Market(
    "AAPL.NASDAQ",
    17_000,
    _D("0.01"),
    ("09:30", "10:30", "13:30", "15:30"),
    zone="America/New_York",
    lot=_D(10),
)
SHARES = (MAIN, STAR, CHINEXT, BEIJING)
MARKETS = (REBAR, MEAL, INDEX, *SHARES, PERPETUAL, US)


@dataclass(frozen=True)
class Session:
    """A trading day: its bars in ticks, when they open, and within which prices they may trade.

    Attributes:
        up, down: in ticks; None where there is no limit on that side.
        settlement: in ticks; the last close where the instrument is not settled.
    """

    day: date
    opens_s: tuple[int, ...]
    bars: tuple[Prices, ...]
    volumes: tuple[float, ...]
    up: int | None
    down: int | None
    settlement: int


@dataclass(frozen=True)
class RuledCase:
    """Sessions of a market, and what is sent at the start and after each of their bars."""

    market: Market
    sessions: tuple[Session, ...]
    script: list[list[Row]]
    terms: Row

    @property
    def has_rest(self) -> bool:
        """Whether the instrument rested for a day between two others, or one without volume."""
        days = [one.day for one in self.sessions]
        # Coins trade at the weekend too; of the other days none is left out in `_DAYS`.
        never = {4, 5} if self.market.zone == "UTC" else set()
        has_gap = any(
            _DAYS.index(after) - _DAYS.index(before) > 1 or before.weekday() in never
            for before, after in pairwise(days)
        )
        return has_gap or not all(any(one.volumes) for one in self.sessions)

    def session_at(self, ts_ns: int) -> Session:
        (found,) = [one for one in self.sessions if ts_ns // 10**9 in one.opens_s]
        return found

    def bar_at(self, ts_ns: int) -> Prices:
        session = self.session_at(ts_ns)
        return session.bars[session.opens_s.index(ts_ns // 10**9)]


def make_ruled_case(random: Random, markets: Sequence[Market] = MARKETS) -> RuledCase:
    market = random.choice(markets)
    sessions: list[Session] = []
    for day in _some_days(random):
        sessions.append(_session(random, market, day, sessions))
    return RuledCase(market, tuple(sessions), _script(random, market, sessions), _terms(random))


def _some_days(random: Random) -> list[date]:
    """Days that follow each other, now and then without one between."""
    first = random.randrange(len(_DAYS) - 3)
    days = _DAYS[first : first + random.randint(2, 7)]
    return [days[0], *(day for day in days[1:] if random.random() > 0.12)]


def _session(random: Random, market: Market, day: date, before: list[Session]) -> Session:
    reference = before[-1].settlement if before else market.start
    up, down = _limits(market, day, reference)
    bars = _walk(random, market, reference, up, down)
    lowest, highest = min(bar[2] for bar in bars), max(bar[1] for bar in bars)
    settlement = random.randint(lowest, highest) if market.is_settled else bars[-1][3]
    some = [float(market.lot) * count for count in (3, 10, 25.5, 60, 1_000)]
    return Session(
        day,
        _opens(market, day),
        bars,
        tuple(random.choice([0.0, *some, *some]) for _ in bars),
        up if before and up is not None and highest <= up else None,
        down if before and down is not None and lowest >= down else None,
        settlement,
    )


def _limits(market: Market, day: date, reference: int) -> tuple[int | None, int | None]:
    ratio = market.last_limit if day == market.last else market.limit
    if ratio is None:
        return None, None
    up, down = (Fraction(reference) * (1 + part) for part in (ratio, -ratio))
    half = Fraction(1, 2)
    return int((up + half) // 1), int((down + half) // 1)


def _opens(market: Market, day: date) -> tuple[int, ...]:
    """When the day's bars open; its night is that of the last day of trading before it."""
    eve = day - timedelta(days=3 if day.weekday() == 0 else 1)
    times = [(eve, time) for time in market.night] + [(day, time) for time in market.opens]
    zone = ZoneInfo(market.zone)
    return tuple(
        int(datetime.fromisoformat(f"{on} {time}").replace(tzinfo=zone).timestamp())
        for on, time in times
    )


def _walk(
    random: Random, market: Market, reference: int, up: int | None, down: int | None
) -> tuple[Prices, ...]:
    """Bars of a day: sealed at a limit, bouncing off it, beyond it once, or none of these."""
    count = len(market.night) + len(market.opens)
    most = reference * 2 if up is None else up
    least = reference // 2 if down is None else down
    mode = random.choice(["quiet", "quiet", "wild", "wild", "up", "down", "beyond"])
    if mode in {"up", "down"} and up is not None:
        edge = most if mode == "up" else least
        opened = random.choice([0, 0, 1, 3])
        loose = [_bar(random, reference, 8, least, most) for _ in range(opened)]
        return (*loose, *((edge,) * 4 for _ in range(count - opened)))
    if mode == "beyond":
        most, least = most + 9, least - 9
    width = 3 if mode == "quiet" else max((most - least) // 6, 4)
    bars: list[Prices] = []
    place = reference + random.randint(-width, width)
    for _ in range(count):
        bars.append(_bar(random, place, width, least, most))
        place = bars[-1][3] + random.choice([0, 0, 0, 1, -1, width, -width])
    return tuple(bars)


def _bar(random: Random, opened: int, width: int, least: int, most: int) -> Prices:
    def within(price: int) -> int:
        return min(max(price, least), most)

    first, last = within(opened), within(opened + random.randint(-width, width))
    high = within(max(first, last) + random.choice([0, 0, 1, 5]))
    low = within(min(first, last) - random.choice([0, 0, 1, 5]))
    return first, high, low, last


def _script(random: Random, market: Market, sessions: list[Session]) -> list[list[Row]]:
    hours: list[Any] = [opens / _HOUR_S for one in sessions for opens in one.opens_s]
    instruments = {
        market.symbol: {"tick": market.tick, "lot": market.lot, "multiplier": market.multiplier}
    }
    closes = {market.symbol: market.start * market.tick}
    script = [_actions(random, instruments, closes, hours, hours[0] - 1, sessions[0])]
    for session in sessions:
        for opens, bar in zip(session.opens_s, session.bars, strict=True):
            closes[market.symbol] = bar[3] * market.tick
            now = opens / _HOUR_S
            script.append(_actions(random, instruments, closes, hours, now, session))
    return script


def _actions(
    random: Random,
    instruments: dict[str, Row],
    closes: dict[str, Decimal],
    hours: list[Any],
    now: Any,
    session: Session,
) -> list[Row]:
    found = [
        random_action(random, instruments, closes, hours, now)
        for _ in range(random.choice([0, 0, 1, 1, 2]))
    ]
    for action in found:
        edges = [one for one in (session.up, session.down) if one is not None]
        if "price" in action and edges and random.random() < 0.3:
            (one,) = instruments.values()
            action["price"] = random.choice(edges) * one["tick"]
    return found


def _terms(random: Random) -> Row:
    pick = random.choice
    return {
        "units": pick([_D(1), _D(6), _D(20), _D(200)]),
        "slippage": pick([0, 0, 1, 2.5, 40]),
        "participation": pick([None, _D("0.25")]),
        "latency": pick([0, 0, 0, 1]),
    }


# Running a case


@dataclass
class Seen:
    """What a watching strategy saw of its account: fills, and the lots it held after each bar.

    Attributes:
        lots: (day of the bar, position, signed quantity of today's lots, of older ones).
        signs: of the lots, those after one bar together.
    """

    fills: list[Fill] = field(default_factory=list)
    lots: list[tuple[date, Decimal, Decimal, Decimal]] = field(default_factory=list)
    signs: list[set[bool]] = field(default_factory=list)


@dataclass(frozen=True)
class Run:
    case: RuledCase
    result: BacktestResult
    seen: Seen


def bars_of(case: RuledCase) -> Bars:
    tick = case.market.tick
    rows = [(opens, one, place) for one in case.sessions for place, opens in enumerate(one.opens_s)]
    prices = [[float(price * tick) for price in one.bars[place]] for _, one, place in rows]
    opens, highs, lows, closes = np.array(prices).T
    settlement = np.array([float(one.settlement * tick) for _, one, _ in rows])
    return Bars.of(
        case.market.symbol,
        "1h",
        ts=np.array([seconds * 10**9 for seconds, _, _ in rows]),
        open=opens,
        high=highs,
        low=lows,
        close=closes,
        volume=[one.volumes[place] for _, one, place in rows],
        extras={"settlement": settlement} if case.market.is_settled else None,
    )


def instrument_of(case: RuledCase) -> Instrument:
    return replace(assume_instrument(bars_of(case)), tick_size=case.market.tick)


def run_ruled(case: RuledCase, **settings: Any) -> Run:
    """Run a case under the rule book, or as the settings say."""
    seen = Seen()
    market, terms = case.market, case.terms
    result = backtest(
        _watching(case, seen),
        bars_of(case),
        **{
            "instrument": instrument_of(case),
            "rules": True,
            "cash": terms["units"] * market.start * market.tick * market.lot * market.multiplier,
            "slippage": terms["slippage"],
            "participation": terms["participation"],
            "latency": terms["latency"],
            "size": 2 * market.lot,
            **settings,
        },
    )
    return Run(case, result, seen)


def _watching(case: RuledCase, seen: Seen) -> type[Strategy]:
    scripted = strategy_of(case.script, is_one=True)

    def on_bar(self: Any, ctx: Any, bar: Bar) -> None:
        self.go_on(ctx)
        position = ctx._desk.ledger.positions.get(bar.symbol)
        if position is None:
            return
        today = (ctx.trading_day - date(1970, 1, 1)).days
        of_day = sum((lot.quantity for lot in position.lots if lot.day == today), _D(0))
        older = sum((lot.quantity for lot in position.lots if lot.day != today), _D(0))
        seen.lots.append((ctx.trading_day, position.quantity, of_day, older))
        seen.signs.append({lot.quantity > 0 for lot in position.lots})

    def on_stop(self: Any, ctx: Any) -> None:
        seen.fills += ctx._desk.record.fills

    return type("Watching", (scripted,), {"on_bar": on_bar, "on_stop": on_stop})


def book_without_rules(market: Market) -> RuleBook:
    """The packaged book where this instrument pays nothing, has no limit and sells at once."""
    shorts = "true" if market.can_short else "false"
    written: dict[str, tuple[str, ...]] = {
        "fee": ("open = {}", "close = {}"),
        "tax": (),
        "transfer": (),
        "limit": (),
        "cage": ("ratio = 100",),
        "margin": ("long = 1", "short = 1"),
        "closing": ("buckets = false", 'consumes = "oldest"'),
        "maker_taker": ("maker = 0", "taker = 0"),
        "turnaround": ("sell_after = 0", "cash_after = 0", f"can_short = {shorts}"),
        "grid": (
            f"tick = {market.tick}",
            f"step = {market.lot}",
            f"multiplier = {market.multiplier}",
        ),
    }
    of = f'["{market.symbol}"]'
    levies = [("levy", f'name = "{name}"', "rate = {}") for name in _LEVIES]
    every = [(topic, *fields) for topic, fields in written.items()] + levies
    texts = [entry(topic, *fields, of=of, since="2000-01-01") for topic, *fields in every]
    return rule_book().overlay("nothing.toml", rule_text(*texts))
