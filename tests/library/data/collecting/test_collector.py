"""Collecting: what is asked, what is stored, what is on record, and what a failure leaves."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from quantloom.data import Catalog
from quantloom.data.collecting import (
    BadCollectSpec,
    Collected,
    CollectionRunning,
    Collector,
    CollectSpec,
    Entry,
    Ledger,
    plan,
    planning,
)
from quantloom.data.providers import (
    MadeUp,
    ProviderBadData,
    ProviderUnavailable,
    SyntheticProvider,
)
from quantloom.data.providers.checking import calendar_of
from quantloom.kit import ManualClock
from tests.library.data.builders import make_bars, make_instrument
from tests.library.data.collecting.builders import START, Vendor
from tests.library.data.providers.builders import moment

A, B = "600519.SSE", "000001.SZSE"
# A Wednesday after the close in Shanghai.
NOW = moment("2024-03-06 12:00")


class World:
    """A vendor, a clock and a data directory."""

    def __init__(self, root: Path) -> None:
        self.root, self.clock = root, ManualClock(NOW)
        days = calendar_of(A).trading_days(START.date(), date(2024, 12, 31))
        self.vendor = Vendor(self.clock, days)
        self.catalog = Catalog(root)

    def spec(self, *symbols: str, **given: Any) -> CollectSpec:
        told = {"provider": "vendor", "symbols": symbols or (A,), "timeframe": "1d"}
        return CollectSpec.of(**(told | {"start": START} | given))

    def collect(self, *symbols: str, **given: Any) -> tuple[Collected, ...]:
        with Ledger(self.root) as ledger:
            collector = Collector(self.vendor, self.catalog, ledger, self.clock)
            return collector.collect(self.spec(*symbols, **given))

    def entries(self, kind: str = "bars") -> list[Entry]:
        return [entry for entry in Ledger(self.root).entries() if entry.kind == kind]

    def days_stored(self, symbol: str = A) -> int:
        return self.catalog.info(symbol, "1d").rows


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "data")


def test_what_is_wanted_is_asked_stored_graded_and_noted(world: World) -> None:
    (account,) = world.collect()

    info = world.catalog.info(A, "1d")
    assert (account.added, account.error, info.rows) == (41, "", 41)
    assert info.end.date() == date(2024, 3, 6)
    assert info.source == "vendor: days"
    assert info.grade is not None
    (entry,) = world.entries()
    assert (entry.symbol, entry.rows, entry.added, entry.function) == (A, 41, 41, "days")
    assert (entry.start, entry.last, entry.upto) == (START, info.end, NOW)
    assert entry.sha256
    assert world.entries("factors")[0].rows == 1


def test_a_second_run_has_nothing_to_ask(world: World) -> None:
    world.collect()
    world.vendor.asked.clear()

    (account,) = world.collect()

    assert world.vendor.asked == []
    assert (account.error, account.added) == ("", 0)


def test_a_later_run_asks_for_what_is_new_with_an_overlap(world: World) -> None:
    world.collect()
    world.vendor.asked.clear()
    world.clock.advance(timedelta(days=2))

    (account,) = world.collect()

    ((_, start, end),) = world.vendor.asked
    assert (account.added, account.changed) == (2, 0)
    assert end == NOW + timedelta(days=2)
    assert date(2024, 2, 1) < start.date() < date(2024, 2, 10)


@pytest.mark.parametrize(("timeframe", "step"), [("1w", 7), ("1M", 30)])
def test_weeks_and_months_are_collected_when_they_are_over_and_without_factors(
    world: World, timeframe: str, step: int
) -> None:
    (first,) = world.collect(timeframe=timeframe)
    (again,) = world.collect(timeframe=timeframe)
    world.clock.advance(timedelta(days=step))
    (later,) = world.collect(timeframe=timeframe)

    assert (first.error, again.spans, later.added, later.changed) == ("", 0, 1, 0)
    assert any(note.startswith("No factors stand beside") for note in first.notes)
    stored = world.catalog.read(A, timeframe)
    assert (len(stored), list(stored.extras)) == (first.added + 1, [])


def test_a_day_that_is_not_over_is_asked_again_when_it_is(world: World) -> None:
    world.clock = ManualClock(moment("2024-03-06 05:00"))
    world.vendor.clock = world.clock
    (before,) = world.collect()
    world.clock.advance(timedelta(hours=7))

    (after,) = world.collect()

    assert (before.added, after.added, world.days_stored()) == (40, 1, 41)


def test_days_the_vendor_has_not_yet_are_asked_again(world: World) -> None:
    late = {day for day in world.vendor.days if day > date(2024, 3, 1)}
    world.vendor.gone = set(late)
    world.collect()
    world.vendor.gone = set()

    (account,) = world.collect()

    assert (account.added, world.days_stored()) == (3, 41)


def test_spans_before_a_listing_are_asked_once_and_passed_over(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "_BARS_A_SPAN", 20)

    (account,) = world.collect(start=moment("2023-01-01"))
    asked = len(world.vendor.asked)
    world.collect(start=moment("2023-01-01"))

    # The first span shows where the vendor begins; then those from there on, twenty days each.
    assert (account.error, account.added) == ("", 41)
    assert world.vendor.asked[0][2] == moment("2023-01-21")
    assert world.vendor.asked[1][1] >= moment("2023-12-13")
    assert len(world.vendor.asked) == asked < 8


def test_an_earlier_start_asks_for_what_lies_before(world: World) -> None:
    world.collect(start=moment("2024-02-01"))
    world.vendor.asked.clear()

    world.collect()

    ((_, start, end),) = world.vendor.asked
    assert (start, end) == (START, moment("2024-02-01"))
    assert world.days_stored() == 41


def test_a_dataset_that_was_deleted_is_asked_for_anew(world: World) -> None:
    world.collect()
    world.catalog.delete(A, "1d")

    (account,) = world.collect()

    assert (account.added, world.days_stored()) == (41, 41)


def test_a_correction_in_the_vendors_history_is_said_and_taken_over(world: World) -> None:
    world.collect()
    world.clock.advance(timedelta(days=1))
    world.vendor.changes[date(2024, 3, 4)] = 99.0

    (account,) = world.collect()

    assert account.changed == 1
    assert "close of 2024-03-04 00:00 was 48 and is 99" in account.changes
    assert world.catalog.read(A, "1d").close.tolist()[-4] == 99.0
    assert world.entries()[-1].changed == 1
    assert any("was 48 and is 99" in one for one in world.entries()[-1].examples)


def test_a_correction_long_ago_is_found_by_verifying(world: World) -> None:
    world.collect()
    world.vendor.changes[date(2024, 1, 3)] = 99.0
    (quiet,) = world.collect()

    (account,) = world.collect(verify=True)

    assert (quiet.changed, account.changed) == (0, 1)


def test_a_bar_the_vendor_takes_back_is_said_and_kept(world: World) -> None:
    world.collect()
    world.vendor.gone = {date(2024, 1, 10)}
    days = len(world.vendor.days)

    (account,) = world.collect(verify=True)

    assert account.withdrawn == 1
    assert world.days_stored() == 41
    assert len(world.vendor.days) == days


def test_factors_stand_beside_raw_prices_and_their_change_is_said(world: World) -> None:
    world.vendor.factor = {START.date(): 1.0, date(2024, 2, 1): 2.0}
    world.collect()
    before = world.catalog.read(A, "1d")
    world.vendor.factor = {START.date(): 1.0, date(2024, 2, 1): 2.5}
    world.clock.advance(timedelta(days=1))

    (account,) = world.collect()

    assert set(before.extras["adj_factor"]) == {1.0, 2.0}
    assert before.close.tolist()[:2] == [10.0, 11.0]
    assert any("first on 2024-02-01: was 2 and is 2.5" in one for one in account.changes)
    after = world.catalog.read(A, "1d").extras["adj_factor"]
    assert not np.isnan(after).any()


def test_one_symbol_that_fails_does_not_stop_the_others(world: World) -> None:
    bad = ProviderBadData("vendor", "days", "a column is missing")
    world.vendor.fail = lambda symbol, count: bad if symbol == A else None

    first, second = world.collect(A, B)

    assert (first.error, second.error) == ("data.provider_bad_data", "")
    assert world.days_stored(B) == 41
    entry = world.entries()[0]
    assert (entry.error, entry.upto) == ("data.provider_bad_data", None)
    assert "a column is missing" in entry.problem


def test_a_provider_that_is_down_is_not_asked_for_every_symbol(world: World) -> None:
    world.vendor.fail = lambda symbol, count: ProviderUnavailable("vendor", "down")
    symbols = [f"60000{digit}.SSE" for digit in range(6)]

    accounts = world.collect(*symbols)

    assert len(world.vendor.asked) == 3
    assert [account.error for account in accounts[3:]] == ["data.not_asked"] * 3


def test_bars_of_another_source_are_not_mixed_with_it(world: World) -> None:
    world.catalog.write(make_bars(symbol=A), make_instrument(A), source="a file")

    (account,) = world.collect()

    assert account.error == "data.other_source"
    assert world.vendor.asked == []


def test_two_collections_into_one_folder_do_not_run_together(world: World) -> None:
    with Ledger(world.root), pytest.raises(CollectionRunning), Ledger(world.root):
        pass


def test_a_collection_that_asks_nothing_leaves_no_trace(tmp_path: Path) -> None:
    with Ledger(tmp_path):
        assert (tmp_path / "collect" / "lock").exists()

    assert not (tmp_path / "collect").exists()


@pytest.mark.parametrize("cut", [1, 7, 50])
def test_a_line_that_a_kill_tore_is_cut_off(world: World, cut: int) -> None:
    world.collect(A)
    world.collect(B)
    whole = len(list(Ledger(world.root).entries()))
    path = Ledger(world.root).path
    path.write_bytes(path.read_bytes()[:-cut])

    (account,) = world.collect(B)

    assert account.error == ""
    assert len(list(Ledger(world.root).entries())) >= whole - 1
    assert path.read_bytes().endswith(b"}\n")


def test_pieces_give_what_one_run_gives(tmp_path: Path) -> None:
    """Hours of two years, in one run and in runs of a few weeks."""
    ends = [moment("2024-03-06") + timedelta(days=40 * k) for k in range(5)]
    digests = []
    for name, steps in (("one", ends[-1:]), ("many", ends)):
        root, clock = tmp_path / name, ManualClock(steps[0])
        for now in steps:
            clock = ManualClock(now)
            provider = SyntheticProvider(MadeUp(seed=3), clock)
            spec = CollectSpec.of(
                provider="synthetic", symbols=[A], timeframe="1h", start="2023-06-01"
            )
            with Ledger(root) as ledger:
                Collector(provider, Catalog(root), ledger, clock).collect(spec)
        digests.append(Catalog(root).info(A, "1h").digest)

    assert digests[0] == digests[1]


def test_minutes_are_asked_in_spans_that_a_kill_can_lose(world: World) -> None:
    spec = world.spec("BTC/USDT", timeframe="1m", start=moment("2024-01-01"))

    jobs = plan(spec, world.catalog, (), NOW)

    assert [(job.end - job.start).days for job in jobs] == [34, 31]


def pieces() -> Iterator[tuple[dict[str, Any], str]]:
    good = {"provider": "vendor", "symbols": [A], "timeframe": "1d", "start": "2024-01-01"}
    yield good | {"symbols": []}, "symbols is missing"
    yield good | {"symbols": "600519"}, "must be a list"
    yield good | {"start": "yesterday"}, "no time like"
    yield good | {"end": "2023-01-01"}, "not after"
    yield good | {"sybmols": [A]}, "is none of"


@pytest.mark.parametrize(("given", "problem"), list(pieces()))
def test_a_specification_that_cannot_be_read_says_why(given: dict[str, Any], problem: str) -> None:
    with pytest.raises(BadCollectSpec, match=problem):
        CollectSpec.of(**given)


def test_a_specification_is_read_from_a_file_and_overridden(tmp_path: Path) -> None:
    path = tmp_path / "nightly.toml"
    path.write_text(
        'provider = "akshare"\nsymbols = ["600519.SH", "sh600519"]\ntimeframe = "1d"\n'
        "start = 2020-01-01\n",
        encoding="utf-8",
    )

    spec = CollectSpec.read(path, end="2024-01-01")

    assert spec.symbols == (A,)
    assert (spec.start, spec.end) == (moment("2020-01-01"), moment("2024-01-01"))
    with pytest.raises(BadCollectSpec, match="cannot be read"):
        CollectSpec.read(tmp_path / "absent.toml")
