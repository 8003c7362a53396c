"""The event-driven executor: one pass over the bars, a Python callback on each.

Its loops are written for speed: indicator values come as Python lists, piece by piece; a `Bar` is
used again and again; nothing is matched while no order could be reached. Everything that can
wait, the equity curve and the tables above all, is built afterwards from what the fills left.
"""

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise
from sys import getrefcount
from typing import Any, NamedTuple, NoReturn
from zoneinfo import ZoneInfo

import numpy as np

from quantloom.backtest.callbacks import check_callbacks, check_heard, overrides
from quantloom.backtest.desk import BarDesk
from quantloom.backtest.feed import Feed
from quantloom.backtest.steps import StepBars
from quantloom.errors import Invalid, QuantloomError
from quantloom.kit import BoolArray, from_ns
from quantloom.simulation import Book
from quantloom.strategy import Context, Strategy, Timer
from quantloom.strategy.loading import describe

# Larger pieces fall out of the processor's cache: 64k rows cost a quarter more a bar than 8k.
CHUNK = 8_192
# Of many instruments each has fewer rows unpacked at a time, but never fewer than these.
_SMALLEST_CHUNK = 64
# Where fewer bars are called on, a chunk is unpacked for little.
_RARE = 1 / 32
# How often the collector looks; see `fewer_collections`.
_ALWAYS = (True,)
_THRESHOLDS = 50_000, 20, 100

Progress = Callable[[int, int], None]


class StrategyFailed(Invalid):
    """A strategy's callback raised; the run stops where it was."""

    code = "strategy.failed"

    def __init__(self, strategy: str, callback: str, moment: str, problem: str) -> None:
        super().__init__(strategy, callback, moment, problem)
        self.strategy, self.callback = strategy, callback
        self.moment, self.problem = moment, problem

    def __str__(self) -> str:
        return f"{self.strategy}.{self.callback} failed at {self.moment}: {self.problem}"


def run_event(
    strategy: Strategy,
    desk: BarDesk,
    progress: Progress | None = None,
    state: Mapping[str, Any] | None = None,
) -> None:
    """Run a strategy over the desk's bars; what happened stays in the desk.

    Args:
        progress: called with steps done and steps in all, every 8,192 or more often; raising
            stops the run.
        state: what an earlier run saved.
    Raises:
        StrategyFailed: a callback raised.
        NoCallback: the class has no callback for bars, timers or days.
        NotPlain: a callback is a generator or a coroutine.
        WrongSignature: a callback does not take what it is called with.
        Unheard: a timer or a state without the callback for it.
    """
    ctx = _start(strategy, desk, state)
    with fewer_collections():
        _Drive(strategy, desk, ctx, progress).run()
    _call(strategy, desk, "on_stop", ctx)
    desk.tell()
    desk.venue.expire_all(desk.now_ns)
    desk.tell()
    # Orders sent on hearing of that end untold: a strategy that always sends anew would never stop.
    desk.venue.expire_all(desk.now_ns)


def run_until(
    strategy: Strategy, desk: BarDesk, step: int, state: Mapping[str, Any] | None = None
) -> None:
    """Run a strategy up to a step, that one's bars excluded, and leave it there.

    What a day that begins with the step calls before its first bar is called.

    Raises:
        StrategyFailed: as `run_event`, and all else that it raises.
    """
    _Drive(strategy, desk, _start(strategy, desk, state), None, until=step).run()


def _start(strategy: Strategy, desk: BarDesk, state: Mapping[str, Any] | None) -> Context:
    """Call what comes before the first bar."""
    check_callbacks(strategy)
    ctx = Context(desk)
    _connect(strategy, desk, ctx)
    _call(strategy, desk, "initialize", ctx)
    check_heard(strategy, has_timers=bool(desk.timers), has_state=bool(state))
    desk.pass_warm_up()
    if state:
        _call(strategy, desk, "restore_state", state)
    _call(strategy, desk, "on_start", ctx)
    desk.tell()
    return ctx


@contextmanager
def fewer_collections() -> Iterator[None]:
    """Let the garbage collector look less often.

    A run keeps each order and fill, so the collector finds nothing and looks through more each
    time: a quarter of a run with many trades.
    """
    usual = gc.get_threshold()
    gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _connect(strategy: Strategy, desk: BarDesk, ctx: Context) -> None:
    """Wire the callbacks that the class overrides; the others cost nothing."""
    if overrides(strategy, "on_fill"):
        desk.on_fill = lambda fill: _call(strategy, desk, "on_fill", ctx, fill)
    if overrides(strategy, "on_order_update"):
        desk.on_update = lambda order: _call(strategy, desk, "on_order_update", ctx, order)


class _Piece(NamedTuple):
    """Steps that are driven in one go."""

    start: int
    stop: int
    begins_day: bool
    ends_day: bool


class _Drive:
    """Takes a strategy from the first step to the last, or to the one before `until`."""

    def __init__(
        self,
        strategy: Strategy,
        desk: BarDesk,
        ctx: Context,
        progress: Progress | None,
        *,
        until: int | None = None,
    ) -> None:
        self.strategy, self.desk, self.ctx = strategy, desk, ctx
        self.progress, self.until = progress, until
        self.has_bar, self.has_bars = (overrides(strategy, one) for one in ("on_bar", "on_bars"))
        self.rings = self._rings()
        self.awake = self._awake()
        self.calls = self._calls()
        self.is_rare = self.calls is not None and self.calls.mean() < _RARE

    def run(self) -> None:
        total = len(self.desk.timeline)
        has_one_feed = len(self.desk.feeds) == 1 and not self.has_bars
        go = self._drive_one if has_one_feed else self._drive_many
        for piece in self._pieces():
            self._pay_due(piece.start)
            if piece.start in self.desk.shift_steps:
                self._shift(piece.start)
            if piece.begins_day and overrides(self.strategy, "before_trading"):
                self._begin_day()
            if piece.start == self.until:
                return
            if self.desk.rolls is not None:
                self.desk.rolls.happen_at_open(piece.start)
            if self.desk.liquidations is not None:
                self.desk.liquidations.watch(piece.start)
            go(piece)
            if piece.ends_day and self.desk.day_end is not None:
                self.desk.day_end.happen()
            if piece.ends_day and overrides(self.strategy, "after_settlement"):
                _call(self.strategy, self.desk, "after_settlement", self.ctx)
                self.desk.tell()
            if self.progress is not None:
                self.progress(piece.stop, total)
        self._pay_due(total)

    def _pay_due(self, step: int) -> None:
        for due in self.desk.due:
            if step in due.steps:
                due.happen(step)

    # What is called when

    def _rings(self) -> Mapping[int, list[Timer]]:
        """The timers that ring at each step."""
        zone = ZoneInfo(next(iter(self.desk.feeds.values())).calendar.timezone)
        rings: dict[int, list[Timer]] = {}
        for timer in self.desk.timers:
            for step in np.flatnonzero(timer.due(self.desk.timeline.closes_ns, zone)).tolist():
                rings.setdefault(step, []).append(timer)
        return rings

    def _awake(self) -> BoolArray | None:
        """Whether `on_bar` or `on_bars` is called at each step; None where it is at all of them."""
        has_bar = self.has_bar or self.has_bars
        triggers = self.desk.triggers
        if has_bar and not triggers:
            return None
        desk, count = self.desk, len(self.desk.timeline)
        awake = np.zeros(count, dtype=np.bool_)
        for start, stop in pairwise(sorted({0, count, *desk.shift_steps})):
            desk.restate(start)
            for trigger in triggers if has_bar else ():
                awake[start:stop] |= trigger.mask(count)[start:stop]
        desk.restate(desk.step)
        return awake

    def _calls(self) -> BoolArray | None:
        """Whether anything is called at each step; None where it is at all of them."""
        if self.awake is None:
            return None
        calls = self.awake.copy()
        calls[[*self.rings]] = True
        return calls

    def _pieces(self) -> Iterator[_Piece]:
        """Cut the run where a day begins, if anybody minds, and into chunks."""
        desk, total, first = self.desk, len(self.desk.timeline), self.desk.first_step
        length = max(CHUNK // len(desk.feeds), min(CHUNK, _SMALLEST_CHUNK))
        minds_days = desk.regime is not None or any(
            overrides(self.strategy, name) for name in ("before_trading", "after_settlement")
        )
        starts: set[int] = set()
        if minds_days:
            starts = {0, total, *desk.timeline.day_steps().tolist()}
        cuts = starts.union(desk.shift_steps, *(due.steps for due in desk.due))
        if self.until is not None:
            cuts.add(self.until)
        edges = {*range(first, total, length), total} | {cut for cut in cuts if first < cut < total}
        for start, stop in pairwise(sorted(edges)):
            # A day that the warm-up has cut begins with the first step that is called on.
            yield _Piece(start, stop, start in starts or start == first, stop in starts)

    def _shift(self, step: int) -> None:
        """Tell the past in the terms of a step, and the strategy that they have changed."""
        self.desk.restate(step)
        if not overrides(self.strategy, "on_shift"):
            return
        for symbol, shift in self.desk.shifts_at(step):
            _call(self.strategy, self.desk, "on_shift", self.ctx, symbol, shift)
            self.desk.tell()

    def _begin_day(self) -> None:
        self.desk.is_before_day = True
        _call(self.strategy, self.desk, "before_trading", self.ctx)
        self.desk.tell()
        self.desk.is_before_day = False

    # One instrument

    def _drive_one(self, piece: _Piece) -> None:
        feed = next(iter(self.desk.feeds.values()))
        has_finer = feed.detail is not None or feed.marks is not None
        if self.is_rare and not has_finer:
            self._drive_rare_bars(piece)
            return
        feed.load(piece.start, piece.stop)
        is_plain = self.calls is None and not self.rings and not has_finer
        if is_plain and self.desk.on_update is None and not self.desk.has_news:
            self._drive_every_bar(piece)
        else:
            self._drive_some_bars(piece)

    def _drive_every_bar(self, piece: _Piece) -> None:
        """The plain case: `on_bar` on each bar of one instrument, and nothing else."""
        desk, strategy, ctx = self.desk, self.strategy, self.ctx
        feed = next(iter(desk.feeds.values()))
        cursor, book, match = feed.cursor, desk.venue.books[feed.symbol], desk.match
        resting = book.resting if desk.venue.liquidator is None else _ALWAYS
        on_bar, only = strategy.on_bar, (feed,)
        bar = feed.view
        unshared = getrefcount(bar)
        columns = feed.columns(piece.start, piece.stop)
        for (
            cursor.at,
            bar.ts_ns,
            bar.open,
            bar.high,
            bar.low,
            bar.close,
            bar.volume,
        ) in zip(range(1, piece.stop - piece.start + 1), *columns, strict=True):
            if resting and (bar.high >= book.rise or bar.low <= book.fall):
                match(only)
            try:
                on_bar(ctx, bar)
            except (Exception, SystemExit, GeneratorExit) as error:  # noqa: BLE001  user code fails as it likes
                _fail(strategy, desk, "on_bar", error)
            if getrefcount(bar) != unshared:
                # Somebody kept the live view: it dies here, and the next bar gets a new one.
                bar.expire()
                bar = feed.renew_view()

    def _drive_some_bars(self, piece: _Piece) -> None:
        """Callbacks on some bars only, timers, or news to tell after each callback."""
        desk = self.desk
        feed = next(iter(desk.feeds.values()))
        cursor, book, only = feed.cursor, desk.venue.books[feed.symbol], (feed,)
        following = self._following_calls(piece)
        highs, lows = (
            column[piece.start : piece.stop].tolist() for column in (feed.highs, feed.lows)
        )
        place, count = 0, piece.stop - piece.start
        has_news = desk.has_news
        while place < count:
            if not (book.resting or book.is_watched or has_news):
                # Nothing can happen before the next call.
                place = following[place]
                if place == count:
                    break
            cursor.at = place + 1
            if highs[place] >= book.rise or lows[place] <= book.fall:
                desk.match(only)
            if has_news:
                desk.tell()
                has_news = False
            if following[place] == place:
                self._call_step(piece.start + place, desk.feeds)
            place += 1
        cursor.at = count

    def _drive_rare_bars(self, piece: _Piece) -> None:
        """Callbacks on few bars: the others are looked at as arrays, and none is unpacked."""
        desk = self.desk
        feed = next(iter(desk.feeds.values()))
        book, only = desk.venue.books[feed.symbol], (feed,)
        following = iter([*self._calls_in(piece), piece.stop])
        row, call, has_news = piece.start, next(following), desk.has_news
        while row < piece.stop:
            if not has_news:
                row = _next_concerned(feed, book, row, call)
            if row == piece.stop:
                break
            feed.load(row, row + 1)
            feed.cursor.at = 1
            if feed.highs[row] >= book.rise or feed.lows[row] <= book.fall:
                desk.match(only)
            if has_news:
                desk.tell()
                has_news = False
            if row == call:
                self._call_step(row, desk.feeds)
                call = next(following)
            row += 1
        feed.load(piece.stop - 1, piece.stop)
        feed.cursor.at = 1

    def _calls_in(self, piece: _Piece) -> list[int]:
        """The steps of a piece at which something is called."""
        if self.calls is None:
            return [*range(piece.start, piece.stop)]
        found: list[int] = np.flatnonzero(self.calls[piece.start : piece.stop]).tolist()
        return [piece.start + place for place in found]

    def _following_calls(self, piece: _Piece) -> list[int]:
        """For each place in a piece the next one, itself included, at which something is called."""
        count = piece.stop - piece.start
        if self.calls is None:
            return [*range(count)]
        places = np.append(np.flatnonzero(self.calls[piece.start : piece.stop]), count)
        found: list[int] = places[np.searchsorted(places, np.arange(count))].tolist()
        return found

    # Several instruments

    def _drive_many(self, piece: _Piece) -> None:
        desk = self.desk
        feeds, rows = [*desk.feeds.values()], desk.timeline.rows
        for place, feed in enumerate(feeds):
            before = int(rows[piece.start - 1, place]) if piece.start else -1
            feed.load(before + 1, int(rows[piece.stop - 1, place]) + 1)
        clock, is_aligned = desk.clock, desk.timeline.is_aligned
        clock.base, clock.at = piece.start - 1, 0
        present = desk.timeline.present[piece.start : piece.stop]
        calls = None if self.calls is None else self.calls[piece.start : piece.stop].tolist()
        has_news = desk.has_news
        for place in range(piece.stop - piece.start):
            clock.at = place + 1
            closed = desk.feeds
            if not is_aligned:
                closed = _chosen(desk.feeds, present[place].tolist())
                for feed in closed.values():
                    feed.cursor.at += 1
            if desk.working or desk.venue.liquidator is not None:
                self._match_many(closed)
            if has_news:
                desk.tell()
                has_news = False
            if calls is None or calls[place]:
                self._call_step(piece.start + place, closed)

    def _match_many(self, closed: Mapping[str, Feed]) -> None:
        desk = self.desk
        books = desk.venue.books
        if desk.venue.is_watching:
            desk.match([*closed.values()])
            return
        concerned = [feed for symbol, feed in closed.items() if feed.concerns(books[symbol])]
        if concerned:
            desk.match(concerned)

    # One step

    def _call_step(self, step: int, closed: Mapping[str, Feed]) -> None:
        strategy, desk, ctx = self.strategy, self.desk, self.ctx
        for timer in self.rings.get(step, ()):
            _call(strategy, desk, "on_timer", ctx, timer)
            desk.tell()
        if self.awake is not None and not self.awake[step]:
            return
        for feed in closed.values() if self.has_bar else ():
            _call(strategy, desk, "on_bar", ctx, feed.look())
            feed.let_go()
            desk.tell()
        if self.has_bars:
            bars = StepBars(closed)
            _call(strategy, desk, "on_bars", ctx, bars)
            bars.expire()
            desk.tell()


def _next_concerned(feed: Feed, book: Book, row: int, call: int) -> int:
    """The first bar from a row on that may concern an order, or that of the next call."""
    if not (book.resting or book.is_watched):
        return call
    hits = (feed.highs[row:call] >= book.rise) | (feed.lows[row:call] <= book.fall)
    first = int(hits.argmax()) if len(hits) else 0
    return row + first if len(hits) and hits[first] else call


def _chosen(feeds: Mapping[str, Feed], flags: list[bool]) -> dict[str, Feed]:
    pairs = zip(feeds.items(), flags, strict=True)
    return {symbol: feed for (symbol, feed), is_present in pairs if is_present}


def _call(strategy: Strategy, desk: BarDesk, callback: str, *args: object) -> None:
    try:
        getattr(strategy, callback)(*args)
    except (Exception, SystemExit, GeneratorExit) as error:  # noqa: BLE001  user code fails as it likes
        _fail(strategy, desk, callback, error)


def _fail(strategy: Strategy, desk: BarDesk, callback: str, error: BaseException) -> NoReturn:
    if isinstance(error, StrategyFailed) or (
        isinstance(error, QuantloomError) and callback == "initialize"
    ):
        raise error
    # What fails before a day's first bar is told by that bar.
    step = desk.step + desk.is_before_day
    moment = "the start"
    if step >= 0:
        moment = f"{from_ns(int(desk.timeline.opens_ns[step])):%Y-%m-%d %H:%M}"
    code = getattr(getattr(strategy, callback), "__code__", None)
    path = "" if code is None else code.co_filename
    problem = describe(error, path)
    raise StrategyFailed(type(strategy).__name__, callback, moment, problem) from error
