"""The rules of the six futures exchanges on both sides of each day they changed."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest

from quantloom.market import get_calendar, products
from quantloom.market.rulebook.delivery import day_near_delivery, last_trading_day
from quantloom.market.rulebook.topics import (
    Closing,
    Delivery,
    Fee,
    Grid,
    Hours,
    Limit,
    Margin,
    Nights,
    Settlement,
)
from tests.library.market.rulebook.packaged import packaged, rule_on

FILES = ("cffex", "shfe", "ine", "dce", "czce", "gfex")
PRODUCTS = [(name, code) for name in FILES for code in packaged(name).head.names]
HOME = {code: name for name, code in PRODUCTS}
EVERY_TOPIC = (Grid, Hours, Limit, Margin, Fee, Closing, Settlement, Delivery)
TODAY = "2026-11-01"
INDEX = ("IF", "IH", "IC", "IM")
CASH = (*INDEX, "ec")


@pytest.mark.parametrize(
    ("day", "rate"),
    [
        ("2015-08-02", None),
        ("2015-08-25", None),
        ("2015-08-26", "0.000115"),
        ("2015-09-06", "0.000115"),
        ("2015-09-07", "0.0023"),
        ("2017-02-16", "0.0023"),
        ("2017-02-17", "0.00092"),
        ("2017-09-17", "0.00092"),
        ("2017-09-18", "0.00069"),
        ("2018-12-02", "0.00069"),
        ("2018-12-03", "0.00046"),
        ("2019-04-21", "0.00046"),
        ("2019-04-22", "0.000345"),
        ("2023-08-27", "0.000345"),
        ("2023-08-28", "0.00023"),
    ],
)
def test_closing_an_index_future_of_today_costs_more_since_2015(day: str, rate: str | None) -> None:
    fee = rule_on("cffex", Fee, day, "IF")

    assert (fee.close_today and fee.close_today.money) == (rate and Decimal(rate))


@pytest.mark.parametrize(
    ("code", "day", "ratio"),
    [
        ("IF", "2014-08-31", "0.12"),
        ("IF", "2014-09-01", "0.1"),
        ("IF", "2015-08-25", "0.1"),
        ("IF", "2015-08-26", "0.12"),
        ("IF", "2015-08-31", "0.3"),
        ("IF", "2015-09-07", "0.4"),
        ("IF", "2017-02-16", "0.4"),
        ("IF", "2017-02-17", "0.2"),
        ("IC", "2017-02-17", "0.3"),
        ("IH", "2017-09-18", "0.15"),
        ("IC", "2018-12-02", "0.3"),
        ("IC", "2018-12-03", "0.15"),
        ("IC", "2019-04-22", "0.12"),
        ("j", "2016-11-09", "0.05"),
        ("j", "2016-11-10", "0.13"),
        ("j", "2016-11-11", "0.15"),
        ("TA", "2016-04-26", "0.05"),
        ("TA", "2016-04-27", "0.06"),
        ("rb", "2020-03-16", "0.09"),
        ("rb", "2020-11-20", "0.07"),
        ("rb", "2021-05-17", "0.07"),
        ("rb", "2021-05-18", "0.1"),
        ("lc", "2023-12-13", "0.14"),
        ("lc", "2026-01-21", "0.13"),
    ],
)
def test_margins_change_on_their_days(code: str, day: str, ratio: str) -> None:
    margin = rule_on(HOME[code], Margin, day, code)

    assert (margin.long, margin.short) == (Decimal(ratio), Decimal(ratio))


@pytest.mark.parametrize(
    ("code", "day", "ratio"),
    [
        ("TA", "2016-04-27", "0.04"),
        # Set at the settlement of the 27th, so first traded on the day after.
        ("TA", "2016-04-28", "0.05"),
        ("au", "2018-02-06", "0.04"),
        ("au", "2020-03-16", "0.04"),
        ("au", "2020-03-17", "0.06"),
        ("fu", "2022-10-10", "0.13"),
        ("cu", "2023-09-22", "0.06"),
        ("i", "2025-01-21", "0.09"),
        ("pt", "2025-12-25", "0.1"),
        ("pt", "2026-02-06", "0.2"),
        ("IF", "2015-06-26", "0.1"),
    ],
)
def test_limits_change_on_their_days(code: str, day: str, ratio: str) -> None:
    limit = rule_on(HOME[code], Limit, day, code)

    assert (limit.ratio, limit.base) == (Decimal(ratio), "settlement")


def test_an_index_future_may_move_further_on_its_last_day() -> None:
    assert rule_on("cffex", Limit, "2024-03-15", "IF").last_day == Decimal("0.2")


@pytest.mark.parametrize(
    ("code", "day", "night"),
    [
        ("au", "2013-07-05", None),
        ("au", "2013-07-08", "21:00-02:30"),
        ("cu", "2013-12-20", None),
        ("cu", "2013-12-23", "21:00-01:00"),
        ("rb", "2014-12-26", None),
        ("rb", "2014-12-29", "21:00-01:00"),
        ("rb", "2016-05-03", "21:00-01:00"),
        ("rb", "2016-05-04", "21:00-23:00"),
        ("j", "2014-07-04", None),
        ("j", "2014-07-07", "21:00-02:30"),
        ("j", "2015-05-08", "21:00-02:30"),
        ("j", "2015-05-11", "21:00-23:30"),
        ("i", "2019-03-29", "21:00-23:30"),
        ("i", "2019-04-01", "21:00-23:00"),
        ("c", "2019-03-29", None),
        ("c", "2019-04-01", "21:00-23:00"),
        ("TA", "2014-12-12", None),
        ("TA", "2014-12-15", "21:00-23:30"),
        ("TA", "2019-12-11", "21:00-23:30"),
        ("TA", "2019-12-12", "21:00-23:00"),
        ("FG", "2015-06-11", None),
        ("FG", "2015-06-12", "21:00-23:30"),
        ("sc", "2018-03-27", "21:00-02:30"),
        ("jd", TODAY, None),
        ("lc", TODAY, None),
        ("IF", TODAY, None),
    ],
)
def test_nights_begin_and_change_on_their_days(code: str, day: str, night: str | None) -> None:
    assert rule_on(HOME[code], Hours, day, code).night == night


@pytest.mark.parametrize(
    ("code", "day", "hours"),
    [
        ("IF", "2015-12-31", ("09:15-11:30", "13:00-15:15")),
        ("IF", "2016-01-04", ("09:30-11:30", "13:00-15:00")),
        ("T", "2020-07-17", ("09:15-11:30", "13:00-15:15")),
        ("T", "2020-07-20", ("09:30-11:30", "13:00-15:15")),
        ("rb", TODAY, ("09:00-10:15", "10:30-11:30", "13:30-15:00")),
    ],
)
def test_day_sessions_change_on_their_days(code: str, day: str, hours: tuple[str, ...]) -> None:
    assert rule_on(HOME[code], Hours, day, code).day == hours


@pytest.mark.parametrize("code", ["ag", "sc", "m", "TA"])
def test_no_night_was_traded_in_the_epidemic(code: str) -> None:
    nights = rule_on(HOME[code], Nights, "2020-03-02", code)

    assert (nights.since, nights.to) == (date(2020, 2, 3), date(2020, 5, 6))


def test_the_first_day_of_a_product_has_no_night_before_it() -> None:
    assert rule_on("ine", Nights, "2018-03-26", "sc").to == date(2018, 3, 26)


@pytest.mark.parametrize(
    ("code", "day", "tick"),
    [
        ("au", "2019-12-09", "0.05"),
        ("au", "2019-12-10", "0.02"),
        ("lc", "2024-12-17", "50"),
        ("lc", "2024-12-18", "20"),
        ("IF", TODAY, "0.2"),
    ],
)
def test_ticks_change_on_their_days(code: str, day: str, tick: str) -> None:
    assert rule_on(HOME[code], Grid, day, code).tick == Decimal(tick)


@pytest.mark.parametrize(
    ("code", "day", "money", "unit"),
    [
        ("jm", "2020-07-17", "0.00018", "0"),
        ("jm", "2020-07-20", "0.00012", "0"),
        ("jm", "2021-08-23", "0.00012", "0"),
        ("jm", "2021-08-24", "0.00014", "0"),
        ("sc", "2024-01-02", "0", "0"),
        ("au", TODAY, "0", "10"),
    ],
)
def test_closing_today_has_its_own_fee(code: str, day: str, money: str, unit: str) -> None:
    fee = rule_on(HOME[code], Fee, day, code).close_today

    assert fee is not None
    assert (fee.money, fee.unit) == (Decimal(money), Decimal(unit))


@pytest.mark.parametrize(("name", "code"), PRODUCTS)
def test_every_product_has_all_its_rules_today(name: str, code: str) -> None:
    rules = [rule_on(name, topic, TODAY, code) for topic in EVERY_TOPIC]

    assert all(rule.to is None for rule in rules)


@pytest.mark.parametrize(("name", "code"), PRODUCTS)
def test_rules_are_there_from_the_first_hours_on(name: str, code: str) -> None:
    entries = packaged(name).entries
    first = entries["hours", code][0].since

    assert all(entries[topic.topic, code][0].since <= first for topic in EVERY_TOPIC)


def test_the_book_knows_the_products_of_the_table_and_no_others() -> None:
    known = {(product.venue.lower(), product.code) for product in products().values()}

    assert set(PRODUCTS) == known


def test_multipliers_and_ticks_are_those_of_the_table() -> None:
    grids = {code: rule_on(name, Grid, TODAY, code) for name, code in PRODUCTS}
    differing = {
        product.code
        for product in products().values()
        if (grids[product.code].tick, grids[product.code].multiplier)
        != (product.tick_size, product.multiplier)
    }

    # The tick of TS has become finer since the table was made.
    assert differing == {"TS"}


@pytest.mark.parametrize("name", FILES)
def test_ratios_and_rates_are_plausible(name: str) -> None:
    for entries in packaged(name).entries.values():
        for entry in entries:
            if isinstance(entry, Limit):
                assert entry.ratio is not None
                assert 0 < entry.ratio <= Decimal("0.25")
                assert [*entry.widened] == sorted({entry.ratio, *entry.widened})[1:]
            elif isinstance(entry, Margin):
                assert 0 < entry.long < 1
            elif isinstance(entry, Fee):
                assert max(entry.open.money, entry.close.money) < Decimal("0.001")
                assert 0 < entry.open.money + entry.open.unit < 100
            elif isinstance(entry, Grid):
                assert min(entry.tick, entry.multiplier) > 0


@pytest.mark.parametrize(("name", "code"), PRODUCTS)
def test_only_shanghai_tells_todays_lots_apart_and_takes_no_market_orders(
    name: str, code: str
) -> None:
    is_shanghai = name in {"shfe", "ine"}

    assert rule_on(name, Closing, TODAY, code).buckets == is_shanghai
    assert rule_on(name, Grid, TODAY, code).has_market_orders != is_shanghai


@pytest.mark.parametrize(
    ("code", "day", "consumes"),
    [
        ("m", "2019-01-01", "today"),
        ("m", TODAY, "oldest"),
        ("i", TODAY, "oldest"),
        ("TA", TODAY, "today"),
        ("MA", TODAY, "oldest"),
        ("IF", TODAY, "today"),
    ],
)
def test_a_plain_close_takes_todays_lots_where_that_is_cheaper(
    code: str, day: str, consumes: str
) -> None:
    assert rule_on(HOME[code], Closing, day, code).consumes == consumes


@pytest.mark.parametrize(("name", "code"), PRODUCTS)
def test_delivery_comes_in_steps_that_rise(name: str, code: str) -> None:
    rule = rule_on(name, Delivery, TODAY, code)
    month, calendar = date(2024, 6, 1), get_calendar("cn_futures")
    last = last_trading_day(rule.last_day, month, calendar)
    near = [
        day_near_delivery(step.day, last=last, month=month, calendar=calendar)
        for step in rule.steps
    ]

    assert date(2024, 5, 31) <= last <= date(2024, 6, 28)
    assert all(one < other for one, other in pairwise([*near, last]))
    assert all(one.ratio < other.ratio for one, other in pairwise(rule.steps))
    assert (rule.person_out is None) == (code in CASH)


@pytest.mark.parametrize(
    ("day", "code", "flat_by"),
    [
        ("2023-10-16", "cu", "3rd_before_last"),
        ("2023-10-17", "cu", "5th_before_last"),
        ("2023-07-28", "br", "5th_before_last"),
        (TODAY, "m", "last_trading_day_of_previous_month"),
        (TODAY, "IF", None),
    ],
)
def test_natural_persons_leave_in_time(day: str, code: str, flat_by: str | None) -> None:
    assert rule_on(HOME[code], Delivery, day, code).person_out == flat_by


@pytest.mark.parametrize(("name", "code"), PRODUCTS)
def test_only_freight_is_margined_on_both_sides(name: str, code: str) -> None:
    assert rule_on(name, Margin, TODAY, code).larger_side == (code != "ec")


@pytest.mark.parametrize(
    ("code", "month", "last"),
    [
        ("IF", date(2024, 2, 1), date(2024, 2, 19)),
        ("TF", date(2018, 6, 1), date(2018, 6, 8)),
        ("fu", date(2024, 5, 1), date(2024, 4, 30)),
        ("jd", date(2019, 9, 1), date(2019, 9, 25)),
        ("ZC", date(2021, 1, 1), date(2021, 1, 8)),
    ],
)
def test_each_product_ends_by_its_own_rule(code: str, month: date, last: date) -> None:
    rule = rule_on(HOME[code], Delivery, TODAY, code)

    assert last_trading_day(rule.last_day, month, get_calendar("cn_futures")) == last


def test_index_futures_settle_on_the_index() -> None:
    rule = rule_on("cffex", Settlement, TODAY, "IM")

    assert (rule.price, rule.final) == ("last_hour_vwap", "index_last_two_hours")
