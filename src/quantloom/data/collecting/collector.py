"""Collect bars from a provider into the catalog, going on where the last run was stopped."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from quantloom.data.catalog import Catalog
from quantloom.data.collecting.comparing import Difference, compare
from quantloom.data.collecting.ledger import Entry, Ledger
from quantloom.data.collecting.planning import Job, days_between, find_info, plan, settled_until
from quantloom.data.collecting.spec import CollectSpec
from quantloom.data.described import DatasetInfo
from quantloom.data.origin import Origin
from quantloom.data.providers import (
    NothingSoEarly,
    NotSupported,
    ProvidedBars,
    Provider,
    ProviderRateLimited,
    ProviderUnavailable,
)
from quantloom.data.providers.checking import calendar_of
from quantloom.data.quality import check
from quantloom.errors import Conflict, QuantloomError
from quantloom.kit import Clock, FloatArray, SystemClock
from quantloom.market import Bars, EmptyRange, assume_instrument, factor_columns, trading_days_of

# A provider that fails for so many symbols in a row is not asked for the others.
_FAILURES = 3
_ONE_DAY_S = 86_400
_NO_FACTORS = (
    "No factors stand beside {} bars, since a dividend may fall within one: collect 1d bars, and "
    "adjust them before they are resampled."
)
_DOWN = {ProviderUnavailable.code, ProviderRateLimited.code}

Progress = Callable[[int, int, str], None]


class OtherSource(Conflict):
    """Bars to be collected where bars of another source are stored."""

    code = "data.other_source"

    def __init__(self, symbol: str, timeframe: str, source: str, provider: str) -> None:
        super().__init__(symbol, timeframe, source, provider)
        self.symbol, self.timeframe = symbol, timeframe
        self.source, self.provider = source, provider

    def __str__(self) -> str:
        return (
            f"the {self.timeframe} bars of {self.symbol} come from {self.source!r}, and bars of "
            f"{self.provider} would be mixed among them; delete them or collect into another "
            "--data-dir"
        )


@dataclass(slots=True)
class Collected:
    """What collecting one symbol came to.

    Attributes:
        spans: asked for in this run. rows: bars that came. added: new ones.
        changed, withdrawn: how the provider's history differs from what was stored before.
        changes: some of these, in words.
        error: code of what stopped it, empty where nothing did; problem: its text.
        info: the dataset as it is now, None where there is none.
    """

    symbol: str
    spans: int = 0
    rows: int = 0
    added: int = 0
    changed: int = 0
    withdrawn: int = 0
    changes: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    error: str = ""
    problem: str = ""
    info: DatasetInfo | None = None


class Collector:
    """Collects from one provider into one catalog; each span is stored and noted before the next.

    Killed at any moment it has lost one span at most: bars are stored whole or not at all, and
    what the ledger does not know of is asked again and found to be there.
    """

    def __init__(
        self, provider: Provider, catalog: Catalog, ledger: Ledger, clock: Clock | None = None
    ) -> None:
        self.provider, self.catalog, self.ledger = provider, catalog, ledger
        self.clock = clock or SystemClock()

    def collect(self, spec: CollectSpec, progress: Progress | None = None) -> tuple[Collected, ...]:
        """Ask for what is missing, symbol by symbol; one that fails does not stop the others.

        Args:
            progress: told the spans done, those there are, and the symbol.
        Returns:
            An account of each symbol, in the order of the specification.
        """
        now = self.clock.now()
        jobs = plan(spec, self.catalog, self.ledger.entries(), now)
        of_symbol = {name: list(some) for name, some in groupby(jobs, lambda job: job.symbol)}
        accounts, failures, done = [], 0, 0
        for symbol in spec.symbols:
            account = Collected(symbol)
            wanted = of_symbol.get(symbol, [])
            if failures >= _FAILURES:
                account.error, account.problem = "data.not_asked", "the provider failed before"
            else:
                self._collect_symbol(spec, account, wanted, now, _steps(progress, done, len(jobs)))
                failures = failures + 1 if account.error in _DOWN else 0
            done += len(wanted)
            account.info = find_info(self.catalog, symbol, spec.timeframe)
            accounts.append(account)
        return tuple(accounts)

    def _collect_symbol(
        self,
        spec: CollectSpec,
        account: Collected,
        jobs: list[Job],
        now: datetime,
        step: Callable[[int, str], None],
    ) -> None:
        try:
            self._refuse_other_source(spec, account.symbol)
            reached = spec.start
            for count, job in enumerate(jobs):
                step(count, account.symbol)
                if job.end > reached:
                    reached = self._collect_span(job, account, now)
            self._finish(spec, account, now, has_asked=bool(jobs))
            step(len(jobs), account.symbol)
        except QuantloomError as error:
            account.error, account.problem = error.code, str(error)

    def _collect_span(self, job: Job, account: Collected, now: datetime) -> datetime:
        """Ask for a span and store it; tells up to where nothing more needs to be asked."""
        with self._noted("bars", job.symbol, job) as told:
            try:
                came = self.provider.bars(job.symbol, job.timeframe, job.start, job.end)
            except EmptyRange:
                told["upto"] = job.end
                return job.end
            except NothingSoEarly as error:
                told["upto"] = max(error.first, job.end)
                told["notes"] = (str(error),)
                account.notes.append(str(error))
                return max(error.first, job.end)
            found = self._store(job, came)
            told.update(_told(came, found, self._upto(job, came.bars, now)))
        account.spans += 1
        account.rows += len(came.bars)
        account.added += found.added
        account.changed += found.changed
        account.withdrawn += found.withdrawn
        account.changes += found.examples
        account.notes += came.notes
        return job.end

    def _store(self, job: Job, came: ProvidedBars) -> Difference:
        held = self._held(job)
        found = Difference(added=len(came.bars))
        if held is not None:
            found = compare(held, came.bars, (job.start, job.end))
        self.catalog.upsert(
            came.bars,
            assume_instrument(came.bars) if held is None else None,
            source=f"{came.provider}: {came.function}",
            dropped_rows=came.dropped_rows,
            origin=Origin(adjustment="none", sha256=came.bars.digest()),
            # What was known of the bars before is not known of these; `_finish` grades them.
            quality={"rows": 0},
        )
        return found

    def _held(self, job: Job) -> Bars | None:
        if find_info(self.catalog, job.symbol, job.timeframe) is None:
            return None
        return self.catalog.read(job.symbol, job.timeframe)

    def _upto(self, job: Job, bars: Bars, now: datetime) -> datetime:
        """How far nothing is left to ask: to the last bar, if days behind it are missing."""
        settled = min(job.end, settled_until(job.symbol, job.timeframe, now))
        after = bars.end + timedelta(seconds=job.timeframe.seconds)
        rest = (after, job.end)
        if days_between(self.provider.name, job.symbol, job.timeframe, rest, now):
            return min(after, settled)
        return settled

    def _finish(
        self, spec: CollectSpec, account: Collected, now: datetime, *, has_asked: bool
    ) -> None:
        """Add the factors and grade the whole, where anything has changed or was left undone."""
        info = find_info(self.catalog, account.symbol, spec.timeframe)
        if info is None:
            return
        is_graded = info.quality is not None and info.quality.get("rows") == info.rows
        if is_graded and not has_asked:
            return
        bars = self.catalog.read(account.symbol, spec.timeframe)
        columns = self._factors(account, bars, now) if self._wants_factors(spec, account) else {}
        whole = Bars.of(
            bars.symbol,
            bars.timeframe,
            ts=bars.ts,
            open=bars.open,
            high=bars.high,
            low=bars.low,
            close=bars.close,
            volume=bars.volume,
            extras=dict(bars.extras) | columns,
        )
        report = check(whole, instrument=info.instrument)
        self.catalog.write(
            whole,
            info.instrument,
            source=info.source,
            licence=info.licence,
            dropped_rows=info.dropped_rows,
            origin=info.origin,
            quality=report.short(),
        )

    def _wants_factors(self, spec: CollectSpec, account: Collected) -> bool:
        if not (spec.factors and self.provider.abilities.adjusts):
            return False
        if spec.timeframe.seconds > _ONE_DAY_S:
            account.notes.append(_NO_FACTORS.format(spec.timeframe))
            return False
        return True

    def _factors(self, account: Collected, bars: Bars, now: datetime) -> dict[str, FloatArray]:
        days = trading_days_of(bars, calendar_of(bars.symbol))
        first, last = days[0].item(), max(days[-1].item(), now.date())
        try:
            with self._noted("factors", bars.symbol, None) as told:
                found = self.provider.adj_factors(bars.symbol, first, last)
                told["rows"] = len(found.day)
        except NotSupported:
            return {}
        columns = factor_columns(bars, found, calendar_of(bars.symbol))
        for name, column in columns.items():
            account.changes += _changed_factor(name, bars, column)
        return columns

    @contextmanager
    def _noted(self, kind: str, symbol: str, job: Job | None) -> Iterator[dict[str, Any]]:
        """Write a line of the ledger when the block ends, well or with an error of ours."""
        told: dict[str, Any] = {}
        started = time.monotonic()

        def note() -> None:
            entry: dict[str, Any] = {
                "at": self.clock.now(),
                "kind": kind,
                "provider": self.provider.name,
                "symbol": symbol,
                "took_ms": round((time.monotonic() - started) * 1e3, 1),
            }
            if job is not None:
                entry |= {"start": job.start, "end": job.end, "timeframe": str(job.timeframe)}
            self.ledger.append(Entry(**(entry | told)))

        try:
            yield told
        except QuantloomError as error:
            told.update(error=error.code, problem=str(error))
            note()
            raise
        note()

    def _refuse_other_source(self, spec: CollectSpec, symbol: str) -> None:
        info = find_info(self.catalog, symbol, spec.timeframe)
        if info is not None and info.source.partition(":")[0] != self.provider.name:
            raise OtherSource(symbol, str(spec.timeframe), info.source, self.provider.name)


def _steps(progress: Progress | None, done: int, total: int) -> Callable[[int, str], None]:
    def step(count: int, symbol: str) -> None:
        if progress is not None:
            progress(done + count, total, symbol)

    return step


def _told(came: ProvidedBars, found: Difference, upto: datetime) -> dict[str, Any]:
    return {
        "function": came.function,
        "rows": len(came.bars),
        "first": came.bars.start,
        "last": came.bars.end,
        "upto": upto,
        "sha256": came.bars.digest(),
        "added": found.added,
        "changed": found.changed,
        "withdrawn": found.withdrawn,
        "examples": found.examples,
        "notes": came.notes,
    }


def _changed_factor(name: str, bars: Bars, column: FloatArray) -> Iterator[str]:
    """Say where a factor of the past is another than it was; that of new bars is not known yet."""
    if name not in bars.extras:
        return
    before = bars.extras[name]
    differs = (before == before) & (abs(column / before - 1.0) > 1e-9)  # noqa: PLR0124  not NaN
    if differs.any():
        row = int(differs.argmax())
        yield (
            f"{name} of {int(differs.sum())} bar(s) has changed, first on "
            f"{bars[row : row + 1].start:%Y-%m-%d}: was {before[row]:g} and is {column[row]:g}"
        )
