from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.market import Action, fair_reference
from quantloom.market.rulebook import rule_book
from quantloom.market.rulebook.topics import DividendTax
from quantloom.trading import (
    NotEnoughShares,
    RightsChoice,
    RightsPriceMissing,
    ShareLot,
    entitle,
    holding_rate,
    sell,
    settle_rights,
)

D = Decimal
SYMBOL = "600000.SSE"
EX_DAY = date(2024, 6, 19)


def make_action(**changed: Any) -> Action:
    terms: dict[str, Any] = {"symbol": SYMBOL, "ex_day": EX_DAY} | changed
    return Action(**terms)


def lot(quantity: int, opened: date = date(2024, 6, 3), price: str = "10") -> ShareLot:
    return ShareLot.bought(quantity, opened, price)


def tax_on(day: date) -> DividendTax:
    return rule_book().need(DividendTax, SYMBOL, day)


def test_shares_bought_on_the_ex_day_get_nothing() -> None:
    got = entitle([lot(1_000), lot(500, EX_DAY)], make_action(cash="0.4"))

    assert got.quantity == 1_000
    assert got.cash == 400


def test_new_shares_are_rounded_down_on_the_holders_total() -> None:
    # 105 and 97 are 202; at three on ten that is 60.6. Lot by lot it would be 31 and 29.
    got = entitle([lot(105), lot(97, date(2024, 6, 4))], make_action(bonus="0.3"))

    assert got.shares == 60
    assert got.fraction == D("0.6")
    assert sum(one.quantity for one in got.lots) == 262


def test_new_shares_are_a_lot_of_their_own_with_their_part_of_the_cost() -> None:
    # 1,000 shares for 13,000 become 1,300; a share costs 10 now.
    got = entitle(
        [lot(1_000, price="13")], make_action(capitalised="0.3", credit_day=date(2024, 6, 20))
    )

    old, new = got.lots
    assert (old.quantity, old.cost, old.opened) == (D(1_000), D(10_000), date(2024, 6, 3))
    assert (new.quantity, new.cost, new.opened) == (D(300), D(3_000), date(2024, 6, 20))


def test_a_split_keeps_the_days_on_which_shares_were_bought() -> None:
    got = entitle([lot(3, price="70"), lot(2, date(2024, 6, 4))], make_action(split=7))

    assert [(one.quantity, one.cost) for one in got.lots] == [(D(21), D(210)), (D(14), D(20))]
    assert got.shares == 30
    assert got.lots[0].opened == date(2024, 6, 3)


def test_ten_into_one_leaves_whole_shares_and_the_whole_cost() -> None:
    # 25 shares become 2.5: 0.7 and 1.3 of the lots of 7 and 18 are left, and half a share is owed.
    got = entitle([lot(7), lot(18, date(2024, 6, 4))], make_action(split="0.1"))

    assert [one.quantity for one in got.lots] == [D("0.7"), D("1.3")]
    assert got.fraction == D("0.5")
    assert sum(one.cost for one in got.lots) == 250


def test_a_lot_that_rounds_away_leaves_its_cost_to_the_one_before() -> None:
    got = entitle([lot(10), lot(5, date(2024, 6, 4))], make_action(split="0.1"))

    assert [(one.quantity, one.cost) for one in got.lots] == [(D(1), D(150))]


def test_who_is_short_owes_the_dividend_and_the_new_shares() -> None:
    got = entitle([lot(-1_000)], make_action(cash="0.5", bonus="0.1"), tax_on(EX_DAY))

    assert (got.cash, got.withheld, got.shares) == (D(-500), D(0), D(-100))
    assert sum(one.quantity for one in got.lots) == -1_100


def test_cash_is_rounded_half_up_to_the_cent() -> None:
    # 1 share at 0.125 is 12.5 cents.
    assert entitle([lot(1)], make_action(cash="0.125")).cash == D("0.13")


@pytest.mark.parametrize(
    ("sold", "rate"),
    [
        (date(2013, 6, 19), "0.20"),
        (date(2013, 6, 24), "0.20"),
        (date(2013, 6, 25), "0.10"),
        (date(2014, 5, 24), "0.10"),
        (date(2014, 5, 25), "0.05"),
    ],
)
def test_the_rate_turns_on_the_day_after_a_whole_month_and_a_whole_year(
    sold: date, rate: str
) -> None:
    tax = tax_on(date(2013, 6, 19))

    assert holding_rate(tax, opened=date(2013, 5, 24), sold=sold) == D(rate)


def test_a_month_from_the_31st_ends_with_a_shorter_month() -> None:
    tax = tax_on(EX_DAY)

    assert holding_rate(tax, opened=date(2024, 1, 31), sold=date(2024, 2, 29)) == D("0.2")
    assert holding_rate(tax, opened=date(2024, 1, 31), sold=date(2024, 3, 1)) == D("0.1")


@pytest.mark.parametrize(
    ("sold", "more"),
    [(date(2013, 6, 24), 600), (date(2013, 6, 25), 200), (date(2014, 5, 25), 0)],
)
def test_in_2013_a_twentieth_was_withheld_and_the_rest_paid_at_the_sale(
    sold: date, more: int
) -> None:
    # 10,000 shares at 0.4 are 4,000: 5 % is 200 at once, 20 % is 800 in all and 10 % is 400.
    action = make_action(ex_day=date(2013, 6, 19), cash="0.4")
    got = entitle([lot(10_000, date(2013, 5, 24))], action, tax_on(action.ex_day))

    assert got.withheld == 200
    assert sell(got.lots, 10_000, sold).tax == more


def test_since_2015_nothing_is_withheld_and_a_year_makes_it_free() -> None:
    got = entitle([lot(1_000)], make_action(cash="0.4"), tax_on(EX_DAY))

    # 400 were paid: 20 % within the month, 10 % within the year.
    assert got.withheld == 0
    assert sell(got.lots, 1_000, date(2024, 7, 3)).tax == 80
    assert sell(got.lots, 1_000, date(2024, 7, 4)).tax == 40
    assert sell(got.lots, 1_000, date(2025, 6, 4)).tax == 0


def test_the_oldest_shares_are_sold_first_each_at_its_own_rate() -> None:
    lots = [lot(300, date(2023, 6, 1)), lot(500, date(2024, 5, 20)), lot(200, date(2024, 6, 18))]
    got = entitle(lots, make_action(cash="0.5"), tax_on(EX_DAY))

    # 300 are free after a year, 500 x 0.5 x 10 % = 25, and 100 of the last 200 x 0.5 x 20 % = 10.
    sold = sell(got.lots, 900, date(2024, 7, 1))

    assert [part.quantity for part in sold.parts] == [300, 500, 100]
    assert sold.tax == 35
    assert sold.lots[0].quantity == 100


def test_a_share_sold_before_its_ex_day_owes_nothing() -> None:
    assert sell([lot(1_000)], 1_000, date(2024, 6, 18)).tax == 0


def test_bonus_shares_are_taxed_at_face_value_and_reserves_are_not() -> None:
    bonus = entitle([lot(1_000)], make_action(bonus="0.2"), tax_on(EX_DAY))
    reserve = entitle([lot(1_000)], make_action(capitalised="0.2"), tax_on(EX_DAY))

    # 200 shares of face value 1 are 200, of which 20 %.
    assert sell(bonus.lots, 1_000, date(2024, 6, 20)).tax == 40
    assert sell(reserve.lots, 1_000, date(2024, 6, 20)).tax == 0


def test_two_dividends_of_one_lot_are_both_taxed() -> None:
    first = entitle([lot(1_000)], make_action(cash="0.1"), tax_on(EX_DAY))
    second = entitle(first.lots, make_action(ex_day=date(2024, 6, 26), cash="0.2"), tax_on(EX_DAY))

    # (100 + 200) x 20 %
    assert sell(second.lots, 1_000, date(2024, 7, 1)).tax == 60


def test_more_than_is_held_cannot_be_sold() -> None:
    with pytest.raises(NotEnoughShares, match="101 shares"):
        sell([lot(100)], 101, EX_DAY)


def test_rights_are_taken_up_sold_or_left_to_lapse() -> None:
    got = entitle([lot(1_003)], make_action(rights="0.3", rights_price="8"))
    day = date(2024, 6, 28)

    taken = settle_rights(got, RightsChoice.TAKE, day=day)
    sold = settle_rights(got, RightsChoice.SELL, day=day, price="2.345")

    # 300.9 are 300 shares.
    assert got.rights == 300
    assert taken.cash == -2_400
    assert taken.lot == ShareLot(D(300), day, D(2_400))
    assert sold.cash == D("703.50")
    assert settle_rights(got, RightsChoice.IGNORE, day=day).cash == 0


def test_rights_are_not_sold_at_no_price() -> None:
    got = entitle([lot(1_000)], make_action(rights="0.3", rights_price="8"))

    with pytest.raises(RightsPriceMissing):
        settle_rights(got, RightsChoice.SELL, day=EX_DAY)


quantities = st.integers(1, 10**6)
lots = st.lists(
    st.builds(
        ShareLot.bought,
        quantities,
        st.dates(date(2023, 1, 1), date(2024, 6, 18)),
        st.decimals("0.01", "999", places=2),
    ),
    min_size=1,
    max_size=6,
).map(lambda found: sorted(found, key=lambda one: one.opened))
actions = st.builds(
    make_action,
    cash=st.decimals("0.01", "0.9", places=2),
    bonus=st.decimals("0", "1", places=2),
    capitalised=st.decimals("0", "1", places=2),
    split=st.sampled_from([D(1), D(2), D("0.1"), D("0.3")]),
)


@given(lots, actions, st.decimals("1", "999", places=2))
def test_an_ex_day_changes_nobodys_wealth(
    held: list[ShareLot], action: Action, close: Decimal
) -> None:
    got = entitle(held, action)

    # Shares, fractions and cash at the reference are worth the shares at the close; up to a cent.
    reference = float(fair_reference(close, action))
    shares = sum(one.quantity for one in got.lots) + got.fraction
    after = float(shares) * reference + float(got.cash)
    assert after == pytest.approx(float(got.quantity * close), abs=0.006, rel=1e-12)


@given(lots, actions)
def test_no_cost_is_lost_on_an_ex_day(held: list[ShareLot], action: Action) -> None:
    got = entitle(held, action, tax_on(EX_DAY))

    if got.lots:
        assert sum(one.cost for one in got.lots) == sum(one.cost for one in held)
    assert all(one.quantity > 0 for one in got.lots)
    assert sum(one.quantity for one in got.lots) == got.quantity + got.shares


@given(lots, actions, st.data())
def test_a_sale_in_two_parts_loses_no_share_cost_or_income(
    held: list[ShareLot], action: Action, data: st.DataObject
) -> None:
    got = entitle(held, action, tax_on(EX_DAY))
    total = sum((one.quantity for one in got.lots), D(0))
    first = sell(got.lots, data.draw(st.integers(0, int(total))), date(2024, 7, 1))
    second = sell(first.lots, sum((one.quantity for one in first.lots), D(0)), date(2024, 7, 1))

    parts = (*first.parts, *second.parts)
    assert second.lots == ()
    assert sum(one.quantity for one in parts) == total
    assert sum(one.cost for one in parts) == sum(one.cost for one in got.lots)
    assert sum(income.amount for one in parts for income in one.incomes) == sum(
        income.amount for one in got.lots for income in one.incomes
    )
