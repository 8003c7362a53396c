"""What tests of instruments share."""

from datetime import UTC, date, datetime

from quantloom.kit.clock import ManualClock
from quantloom.market.rulebook import rule_book
from quantloom_server.instruments.shelf import Shelf, make_shelf

A_SUNDAY = datetime(2026, 3, 1, 4, tzinfo=UTC)
DAY = date(2026, 3, 2)


def make_clock() -> ManualClock:
    return ManualClock(A_SUNDAY)


def shelf_of_day(held: dict[str, list[str]] | None = None) -> Shelf:
    return make_shelf(rule_book(), DAY, held or {})
