"""Which clock a file's times were read from, and whether they name the start or end of a bar.

Both show at the edges of trading sessions. Shanghai's first minute bar is called 09:30 where times
are those of the open and 09:31 where they are those of the close; told in UTC it is 01:30 or 01:31.
Every market, clock and label is tried, and that under which most edges fall where they must wins.
"""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np

from quantloom.data.readers.mapping import Finding
from quantloom.kit import BoolArray, FloatArray, IntArray
from quantloom.kit.clock import NS_PER_SECOND
from quantloom.market import venues
from quantloom.market.sessions import local_ns

UTC = "UTC"
SHANGHAI = "Asia/Shanghai"
NEW_YORK = "America/New_York"
_CHICAGO = "America/Chicago"
_EASTERN_STANDARD = "Etc/GMT+5"
_LONDON = "Europe/London"
_DAY_NS = 86_400 * NS_PER_SECOND
_MINUTE_NS = 60 * NS_PER_SECOND
_HOUR_NS = 60 * _MINUTE_NS
_EDGES = 400
# One or two pauses may begin and end anywhere.
_LEAST_EDGES = 3
_CLEAR = 0.08
_FAIR = 0.45
# What a bar of an auction before the open or after the close counts, beside one at the edge.
_NEARLY = 0.8
_LONG_NS = 4 * _HOUR_NS


@dataclass(frozen=True, slots=True)
class Market:
    """The hours of one kind of market, in minutes of its own day.

    Attributes:
        home: zone of its clock.
        spans: open and close of each session.
    """

    name: str
    home: str
    spans: tuple[tuple[int, int], ...]

    @property
    def opens(self) -> frozenset[int]:
        return frozenset(first for first, _ in self.spans)

    @property
    def closes(self) -> frozenset[int]:
        return frozenset(last % 1_440 for _, last in self.spans)


def _at(hour: int, minute: int = 0) -> int:
    return hour * 60 + minute


_MORNINGS = ((_at(9), _at(10, 15)), (_at(10, 30), _at(11, 30)), (_at(13, 30), _at(15)))
MARKETS = (
    Market("cn_stock", SHANGHAI, ((_at(9, 30), _at(11, 30)), (_at(13), _at(15)))),
    Market("cffex_old", SHANGHAI, ((_at(9, 15), _at(11, 30)), (_at(13), _at(15, 15)))),
    Market("cn_futures_day", SHANGHAI, _MORNINGS),
    Market("cn_futures_23", SHANGHAI, (*_MORNINGS, (_at(21), _at(23)))),
    Market("cn_futures_2330", SHANGHAI, (*_MORNINGS, (_at(21), _at(23, 30)))),
    Market("cn_futures_1", SHANGHAI, (*_MORNINGS, (_at(21), _at(25)))),
    Market("cn_futures_230", SHANGHAI, (*_MORNINGS, (_at(21), _at(26, 30)))),
    Market("us_stock", NEW_YORK, ((_at(9, 30), _at(16)),)),
    Market("us_stock_long", NEW_YORK, ((_at(4), _at(20)),)),
    Market("cme", _CHICAGO, ((_at(17), _at(40)),)),
    Market("fx", NEW_YORK, ((_at(17), _at(41)),)),
)
"""Sessions that are recognised, each with the clock of its market."""

_ZONES = (UTC, SHANGHAI, NEW_YORK, _CHICAGO, _EASTERN_STANDARD, _LONDON)
_OF_VENUE = (
    (venues.CN_STOCK, ("cn_stock",)),
    (("CFFEX",), ("cn_stock", "cffex_old")),
    (venues.CN_FUTURES, ("cn_futures",)),
    (venues.US_STOCK, ("us_stock",)),
    (venues.FOREIGN_FUTURES, ("cme", "us_stock")),
    ((venues.FX,), ("fx",)),
)
_HOMES = (
    (venues.CN_STOCK + venues.CN_FUTURES, SHANGHAI),
    (venues.US_STOCK, NEW_YORK),
    ((*venues.CRYPTO, venues.FX), UTC),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """The clock and the label of a file's times."""

    zone: Finding[str]
    label: Finding[str]


@dataclass(frozen=True, slots=True)
class _Guess:
    market: Market
    zone: str
    label: str
    score: float


def home_of(venue: str, code: str = "") -> str | None:
    """The zone of a venue's own clock; None where it is not known."""
    if venue == venues.INDEX:
        return SHANGHAI if code.isdigit() else NEW_YORK
    return next((zone for names, zone in _HOMES if venue in names), None)


def read_hours(
    wall: IntArray, length_ns: int, *, venue: str = "", code: str = "", zone: str | None = None
) -> Reading:
    """Work out zone and label of bars within a day from where their sessions begin and end.

    Args:
        wall: (n,) times as written, rising, in nanoseconds of the clock they were read from.
        length_ns: of one bar.
        venue, code: of the symbol, "" where it is not known; a known one says which hours to
            expect.
        zone: where it is known already; only the label is looked for.
    """
    home = home_of(venue, code)
    edges = _edges(wall, length_ns)
    if len(edges.starts) < _LEAST_EDGES:
        return Reading(_zone_without_edges(zone, home, wall), _label_without_edges())
    settings = [
        (market, clock, label)
        for market in _markets(venue, code)
        for clock in _clocks(market, zone)
        for label in ("open", "close")
    ]
    best, guesses = _best(settings, lambda *one: _score(edges, length_ns, *one), zone)
    if best.score < _FAIR:
        best, guesses = _best(settings, lambda *one: _filled(wall, length_ns, *one), zone)
    if best.score < _FAIR:
        return Reading(_zone_without_edges(zone, home, wall), _round_label(edges, length_ns))
    return Reading(_zone(best, guesses, zone), _label(best, guesses))


@dataclass(frozen=True, slots=True)
class _Edges:
    """Times of the bars after and before each pause, and what the pause weighs."""

    starts: IntArray
    ends: IntArray
    weights: FloatArray


def _edges(wall: IntArray, length_ns: int) -> _Edges:
    """Find every pause that is longer than a few bars; nights tell more than lunches."""
    steps = np.diff(wall)
    gaps = np.flatnonzero(steps > max(3 * length_ns, 12 * _MINUTE_NS))
    # Illiquid hours are full of pauses: the longest of them are those between sessions.
    if len(gaps) > _EDGES:
        limit = np.partition(steps[gaps], -_EDGES)[-_EDGES]
        gaps = gaps[steps[gaps] >= limit]
    weights = np.where(steps[gaps] >= _LONG_NS, 2.0, 1.0)
    return _Edges(wall[gaps + 1], wall[gaps], weights)


def _best(
    settings: list[tuple[Market, str, str]],
    score: Callable[[Market, str, str], float],
    zone: str | None,
) -> tuple[_Guess, list[_Guess]]:
    guesses = [
        _Guess(market, clock, label, score(market, clock, label) - _distance(market, clock, zone))
        for market, clock, label in settings
    ]
    return max(guesses, key=lambda one: one.score), guesses


def _markets(venue: str, code: str) -> tuple[Market, ...]:
    names: tuple[str, ...] | None = None
    if venue == venues.INDEX:
        names = ("cn_stock",) if code.isdigit() else ("us_stock",)
    for listed, kinds in _OF_VENUE:
        if names is None and venue in listed:
            names = kinds
    if names is None:
        return MARKETS
    return tuple(one for one in MARKETS if one.name.startswith(names))


def _clocks(market: Market, zone: str | None) -> tuple[str, ...]:
    return (zone,) if zone else tuple(dict.fromkeys((market.home, *_ZONES)))


def _distance(market: Market, clock: str, zone: str | None) -> float:
    """Where two clocks fit alike, the market's own is likelier, and UTC than any other."""
    if zone is not None or clock == market.home:
        return 0.0
    return 0.01 if clock == UTC else 0.1


def _score(edges: _Edges, length_ns: int, market: Market, clock: str, label: str) -> float:
    """How many edges fall on those of the market, with its edges that were never met held against.

    A bar may stand before the session by less than its length: hourly bars begin on the hour. An
    auction may have a bar of its own, before the open in China, after the close anywhere.
    """
    shift = 0 if label == "open" else -length_ns
    opens = _minutes(edges.starts + shift, clock, market.home)
    closes = _minutes(edges.ends + shift + length_ns, clock, market.home)
    step = length_ns // _MINUTE_NS
    slack = step - 1 if length_ns >= _HOUR_NS else 0
    met_opens = _met(opens, market.opens, before=slack).astype(np.float64)
    met_closes = _met(closes, market.closes, after=slack).astype(np.float64)
    if market.home == SHANGHAI:
        met_opens = np.maximum(met_opens, _NEARLY * _met(opens + step, market.opens))
    met_closes = np.maximum(met_closes, _NEARLY * _met(closes - step, market.closes))
    share = float(np.average((met_opens + met_closes) / 2, weights=edges.weights))
    absent = sum(not _met(opens + step, {one}, before=slack + step).any() for one in market.opens)
    absent += sum(not _met(closes - step, {one}, after=slack + step).any() for one in market.closes)
    return share - 0.4 * absent / (len(market.opens) + len(market.closes))


def _filled(wall: IntArray, length_ns: int, market: Market, clock: str, label: str) -> float:
    """How well the minutes of the day that ever have a bar fill the market's sessions.

    It serves where hardly a day's first minute is traded: over many days some are.
    """
    shift = 0 if label == "open" else -length_ns
    minutes = _minutes(wall + shift, clock, market.home)
    step = max(length_ns // _MINUTE_NS, 1)
    has_bar = np.zeros(1_440, dtype=np.bool_)
    has_bar[minutes] = True
    inside = np.zeros(1_440, dtype=np.bool_)
    for first, last in market.spans:
        inside[np.arange(first, last) % 1_440] = True
    if inside.all():
        return 0.0
    edges = [has_bar[first] and not has_bar[(first - step) % 1_440] for first in market.opens]
    edges += [has_bar[(last - step) % 1_440] and not has_bar[last] for last in market.closes]
    outside = float(inside[minutes].mean())
    return 0.6 * float(np.mean(edges)) + 0.4 * (outside if outside > 0.98 else 0.0)


def _minutes(ts: IntArray, clock: str, home: str) -> IntArray:
    """Minutes of the market's day, read from a clock that may hang elsewhere."""
    moved = ts if clock == home else local_ns(_utc(ts, clock), ZoneInfo(home))
    return moved % _DAY_NS // _MINUTE_NS


def _utc(wall: IntArray, clock: str) -> IntArray:
    return to_utc(wall, clock)


def to_utc(wall: IntArray, zone: str) -> IntArray:
    """Give the instants at which a zone's clock showed these times.

    An hour that a clock shows twice counts as its first showing; one that it leaves out is read as
    if it had not yet been put forward.
    """
    if zone == UTC or not len(wall):
        return wall
    found = _zone_of(zone)
    near = wall - (local_ns(wall, found) - wall)
    # The offset at `near` holds unless a change of clocks lies between the two.
    exact = wall - (local_ns(near, found) - near)
    earlier = wall - (local_ns(near - _HOUR_NS, found) - (near - _HOUR_NS))
    shows = local_ns(np.minimum(exact, earlier), found)
    first, last = np.minimum(exact, earlier), np.maximum(exact, earlier)
    instants: IntArray = np.where(shows == wall, first, last)
    return instants


@cache
def _zone_of(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _met(
    minutes: IntArray, wanted: AbstractSet[int], *, before: int = 0, after: int = 0
) -> BoolArray:
    places = sorted({(one + step) % 1_440 for one in wanted for step in range(-before, after + 1)})
    return np.isin(minutes % 1_440, places)


def _zone(best: _Guess, guesses: list[_Guess], known: str | None) -> Finding[str]:
    if known is not None:
        return Finding(known, 1.0, ("as given",))
    other = max((one.score for one in guesses if one.zone != best.zone), default=0.0)
    confidence = min(0.97, 0.55 + best.score * 0.4) if best.score - other > _CLEAR else 0.55
    reason = (
        f"sessions begin and end as those of {best.market.name} do where times are read as "
        f"{best.zone}"
    )
    return Finding(best.zone, confidence, (reason,))


def _label(best: _Guess, guesses: list[_Guess]) -> Finding[str]:
    same = [one for one in guesses if one.zone == best.zone and one.label != best.label]
    other = max((one.score for one in same), default=0.0)
    lead = best.score - other
    confidence = min(0.98, 0.6 + lead) if lead > _CLEAR else 0.5
    end = "first and last bar of a session are called by their"
    reason = f"{end} {best.label} under the hours of {best.market.name}"
    if lead <= _CLEAR:
        reason = f"{reason}, but hardly more so than by the other end"
    return Finding(best.label, confidence, (reason,))


def _zone_without_edges(zone: str | None, home: str | None, wall: IntArray) -> Finding[str]:
    if zone is not None:
        return Finding(zone, 1.0, ("as given",))
    if home is not None:
        return Finding(home, 0.7, ("the clock of the symbol's market",))
    if _trades_always(wall):
        return Finding(UTC, 0.7, ("it trades at weekends, as only crypto does",))
    return Finding(UTC, 0.4, ("times carry no zone and were read as UTC",))


def _trades_always(wall: IntArray) -> bool:
    days = (wall // _DAY_NS + 3) % 7  # 0 is a Monday
    return bool((days == 5).any() and (days == 6).any())


def _label_without_edges() -> Finding[str]:
    return Finding("open", 0.6, ("there is no pause that would tell; most sources name the open",))


def _round_label(edges: _Edges, length_ns: int) -> Finding[str]:
    """Sessions of an unknown market still begin and end at round times."""
    unit = 30 * _MINUTE_NS
    if length_ns >= unit:
        return _label_without_edges()
    starts, ends = edges.starts, edges.ends
    opened = float(((starts % unit) == 0).mean() + (((ends + length_ns) % unit) == 0).mean()) / 2
    closed = float((((starts - length_ns) % unit) == 0).mean() + ((ends % unit) == 0).mean()) / 2
    label, share = ("close", closed) if closed > opened else ("open", opened)
    if share < _FAIR or abs(opened - closed) < _CLEAR:
        return _label_without_edges()
    reason = f"{share:.0%} of the pauses begin and end at full or half hours if times are its"
    return Finding(label, 0.6 + 0.3 * abs(opened - closed), (f"{reason} {label}",))
