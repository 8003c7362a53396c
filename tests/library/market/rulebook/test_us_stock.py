"""The rules of United States shares on both sides of each day they changed."""

from datetime import date
from decimal import Decimal

import pyarrow.parquet as pq
import pytest

from quantloom.market.rulebook.topics import Fee, Grid, Hours, Levy, Limit, Turnaround
from quantloom.market.venues import US_STOCK
from tests.library.market.rulebook.packaged import packaged, rule_on
from tests.shared_data import SHARED, needs_shared

NAME = "us_stock"
MILLION = 1_000_000


@pytest.mark.parametrize(
    ("day", "venue", "tick"),
    [
        ("1997-06-23", "NYSE", "0.125"),
        ("1997-06-24", "NYSE", "0.0625"),
        ("2001-01-26", "NYSE", "0.0625"),
        ("2001-01-29", "NYSE", "0.01"),
        ("2001-04-06", "NASDAQ", "0.0625"),
        ("2001-04-09", "NASDAQ", "0.01"),
        ("2001-04-09", "US", "0.01"),
    ],
)
def test_prices_became_decimal_in_2001(day: str, venue: str, tick: str) -> None:
    assert rule_on(NAME, Grid, day, venue).tick == Decimal(tick)


def test_shares_under_a_dollar_have_a_finer_tick_since_rule_612() -> None:
    before = rule_on(NAME, Grid, "2006-01-30", "NASDAQ")
    after = rule_on(NAME, Grid, "2006-01-31", "NASDAQ")

    assert before.tick_below is None
    assert (after.tick_below, after.below) == (Decimal("0.0001"), Decimal(1))


@pytest.mark.parametrize(
    ("day", "cash_after"),
    [
        ("1995-06-06", 5),
        ("1995-06-07", 3),
        ("2017-09-04", 3),
        ("2017-09-05", 2),
        ("2024-05-27", 2),
        ("2024-05-28", 1),
    ],
)
def test_settlement_became_shorter(day: str, cash_after: int) -> None:
    turnaround = rule_on(NAME, Turnaround, day, "US")

    assert turnaround.cash_after == cash_after
    assert (turnaround.sell_after, turnaround.can_short) == (0, True)


@pytest.mark.parametrize(
    ("day", "per_million"),
    [
        ("2011-01-20", "16.9"),
        ("2011-01-21", "19.2"),
        ("2014-03-17", "17.4"),
        ("2014-03-18", "22.1"),
        ("2021-02-24", "22.1"),
        ("2021-02-25", "5.1"),
        ("2024-05-21", "8"),
        ("2024-05-22", "27.8"),
        ("2025-05-13", "27.8"),
        ("2025-05-14", "0"),
        ("2026-04-03", "0"),
        ("2026-04-04", "20.6"),
    ],
)
def test_the_section_31_fee_changes_on_its_days(day: str, per_million: str) -> None:
    levy = rule_on(NAME, Levy, day, "US#section_31")

    assert levy.rate.money * MILLION == Decimal(per_million)
    assert levy.side == "sell"
    assert levy.rate.unit == 0


# A law gives the money, and the rate changes so many days later: Exchange Act, Section 31(j)(4).
@pytest.mark.parametrize(
    ("enacted", "changed"),
    [
        ("2011-12-23", "2012-02-21"),
        ("2013-03-26", "2013-05-25"),
        ("2014-12-16", "2015-02-14"),
        ("2015-12-18", "2016-02-16"),
        ("2017-05-05", "2017-07-04"),
        ("2018-03-23", "2018-05-22"),
        ("2022-03-15", "2022-05-14"),
        ("2022-12-29", "2023-02-27"),
        ("2024-03-23", "2024-05-22"),
        ("2025-03-15", "2025-05-14"),
        ("2026-02-03", "2026-04-04"),
    ],
)
def test_the_section_31_fee_changes_sixty_days_after_an_appropriation(
    enacted: str, changed: str
) -> None:
    days = {entry.since for entry in packaged(NAME).entries["levy", "US#section_31"]}

    assert date.fromisoformat(changed) in days
    assert (date.fromisoformat(changed) - date.fromisoformat(enacted)).days == 60


@pytest.mark.parametrize(
    ("day", "unit", "maximum"),
    [
        ("2012-02-29", "0.00009", "4.50"),
        ("2012-03-01", "0.000095", "4.75"),
        ("2021-12-31", "0.000119", "5.95"),
        ("2022-01-01", "0.00013", "6.49"),
        ("2023-12-31", "0.000145", "7.27"),
        ("2024-01-01", "0.000166", "8.30"),
        ("2025-12-31", "0.000166", "8.30"),
        ("2026-01-01", "0.000195", "9.79"),
    ],
)
def test_the_trading_activity_fee_changes_on_its_days(day: str, unit: str, maximum: str) -> None:
    levy = rule_on(NAME, Levy, day, "US#trading_activity")

    assert (levy.rate.unit, levy.maximum) == (Decimal(unit), Decimal(maximum))
    assert levy.side == "sell"


def test_the_cap_of_the_trading_activity_fee_is_that_of_about_fifty_thousand_shares() -> None:
    entries = packaged(NAME).entries["levy", "US#trading_activity"]

    shares = [
        one.maximum / one.rate.unit for one in entries if isinstance(one, Levy) and one.maximum
    ]

    assert len(shares) == len(entries)
    assert all(49_900 < count < 50_250 for count in shares)


def test_a_brokers_fee_and_both_levies_stand_side_by_side() -> None:
    fee = rule_on(NAME, Fee, "2024-06-03", "US")
    levies = [
        rule_on(NAME, Levy, "2024-06-03", f"US#{name}")
        for name in ("section_31", "trading_activity")
    ]

    assert fee.source == "default"
    assert all(levy.optional for levy in levies)


@pytest.mark.parametrize("venue", US_STOCK)
def test_every_venue_has_its_rules_today(venue: str) -> None:
    for topic in (Grid, Hours, Limit, Fee, Turnaround):
        assert rule_on(NAME, topic, "2026-09-01", venue).to is None
    assert rule_on(NAME, Hours, "2026-09-01", venue).day == ("09:30-16:00",)
    assert rule_on(NAME, Limit, "2026-09-01", venue).ratio is None


@needs_shared
def test_every_close_of_spy_since_the_change_lies_on_the_tick() -> None:
    bars = pq.read_table(SHARED / "data/bars/us_stock/SPY.1d.parquet").to_pydict()

    off = [
        day
        for day, close in zip(bars["ts"], bars["close"], strict=True)
        if day.date() >= date(2001, 4, 9)
        and round(Decimal(close), 6) % rule_on(NAME, Grid, day.date().isoformat(), "US").tick
    ]

    assert len(bars["ts"]) > 5_000
    assert off == []
