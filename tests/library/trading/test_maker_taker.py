"""Fees of crypto venues by tier and asset."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.market.rulebook import rule_book
from quantloom.market.rulebook.topics import MakerTaker
from quantloom.trading import (
    FeeAsset,
    FeeSchedule,
    FeeTier,
    FeeToken,
    NoFeeTier,
    Perpetual,
    TradedVolume,
    fee_in_base,
    fee_in_quote,
    fee_in_token,
)
from tests.library.trading.builders import decimals

D = Decimal
NEW = FeeTier(name="0", maker=D("0.0002"), taker=D("0.0005"))
BUSY = FeeTier(name="1", volume=D(15_000_000), maker=D("0.00016"), taker=D("0.0004"))
MAKER = FeeTier(name="9", volume=D(2_000_000_000), maker=D("-0.00005"), taker=D("0.00017"))


def make_schedule() -> FeeSchedule:
    return FeeSchedule((MAKER, NEW, BUSY))


@pytest.mark.parametrize(
    ("volume", "tier"), [("0", NEW), ("14999999.99", NEW), ("15000000", BUSY), ("9e9", MAKER)]
)
def test_the_volume_of_thirty_days_decides_the_tier(volume: str, tier: FeeTier) -> None:
    assert make_schedule().by_volume(D(volume)) == tier


def test_a_tier_may_be_named_instead() -> None:
    assert make_schedule().named("1") == BUSY
    with pytest.raises(NoFeeTier, match="choose one of 0, 1, 9"):
        make_schedule().named("VIP")


def test_a_schedule_is_open_to_a_new_account() -> None:
    with pytest.raises(NoFeeTier):
        FeeSchedule((BUSY,))


def test_the_schedule_follows_the_rule_book() -> None:
    book, day = rule_book(), date(2025, 6, 2)
    rules = [
        rule.entry
        for number in range(20)
        if (rule := book.rule(f"maker_taker#{number}", "BTC-USDT-PERP.BINANCE", day))
        and isinstance(rule.entry, MakerTaker)
    ]

    schedule = FeeSchedule.of(rules)

    assert schedule.by_volume(D(0)).rate(is_maker=False) == D("0.0005")
    assert schedule.named("1").rate(is_maker=True) == D("0.00016")


def test_the_fee_of_a_linear_fill_is_exact() -> None:
    # 0.015 coins at 61,234.5 are 918.5175; 0.05 % of them 0.45925875.
    fee = fee_in_quote(NEW.rate(is_maker=False), D("0.015") * D("61234.5"))

    assert (fee.asset, fee.amount, fee.money) == (FeeAsset.QUOTE, D("0.45925875"), D("0.45925875"))


def test_the_fee_of_an_inverse_fill_is_coin() -> None:
    # 30 contracts of 100 USD at 30,000 are 0.1 BTC.
    notional = Perpetual(multiplier=D(100), is_inverse=True).notional(D(30), D(30_000))

    assert fee_in_quote(D("0.0005"), notional).amount == D("0.00005")


def test_a_rebate_is_received() -> None:
    assert fee_in_quote(MAKER.rate(is_maker=True), D(100_000)).amount == D(-5)


def test_a_spot_buyer_may_pay_in_what_he_buys() -> None:
    # 0.1 % of 0.00123 coins is 0.00000123, worth 0.0615 at 50,000.
    fee = fee_in_base(D("0.001"), D("0.00123"), D(50_000))

    assert (fee.asset, fee.amount, fee.money) == (FeeAsset.BASE, D("0.00000123"), D("0.0615"))


def test_a_token_pays_less() -> None:
    # 0.05 % of 10,000 are 5, less 10 % are 4.5: a hundredth of 450.
    token = FeeToken(discount=D("0.1"), price=D(450), balance=D(1))

    fee = fee_in_token(D("0.0005"), D(10_000), token)

    assert (fee.asset, fee.amount, fee.money) == (FeeAsset.TOKEN, D("0.01"), D("4.5"))


def test_tokens_that_do_not_reach_bring_no_discount() -> None:
    token = FeeToken(discount=D("0.1"), price=D(450), balance=D("0.00999999"))

    fee = fee_in_token(D("0.0005"), D(10_000), token)

    assert (fee.asset, fee.amount) == (FeeAsset.QUOTE, D(5))


def test_a_rebate_is_paid_in_the_quote_whatever_fees_are_paid_in() -> None:
    token = FeeToken(discount=D("0.1"), price=D(450), balance=D(1))

    assert fee_in_token(D("-0.00005"), D(10_000), token) == fee_in_quote(D("-0.00005"), D(10_000))


def test_volume_counts_thirty_days_and_not_today() -> None:
    traded = TradedVolume()
    for day, money in ((100, 5), (100, 2), (101, 10), (130, 1_000)):
        traded.add(day, D(money))

    assert traded.before(100) == 0
    assert traded.before(130) == 17
    assert traded.before(131) == 1_010
    assert traded.before(132) == 1_000


@given(decimals("0", "0.01", 6), decimals("0.01", "1e6", 2), decimals("0.01", "1000", 2))
def test_a_token_never_pays_less_than_the_discounted_fee(
    rate: Decimal, money: Decimal, price: Decimal
) -> None:
    fee = fee_in_token(rate, money, FeeToken(discount=D("0.25"), price=price, balance=D("1e12")))

    assert money * rate * D("0.75") <= fee.money
    assert fee.money < money * rate * D("0.75") + price * D("1e-8") or rate == 0


@given(st.lists(st.tuples(st.integers(0, 90), decimals("0", "1e6", 2)), max_size=40))
def test_volume_is_the_sum_over_its_window(fills: list[tuple[int, Decimal]]) -> None:
    traded = TradedVolume()
    for day, money in sorted(fills):
        traded.add(day, money)

    assert traded.before(91) == sum((money for day, money in fills if day >= 61), D(0))
