"""The parts together: what a day with a leveraged position does to an account, by hand."""

from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np

from quantloom.kit import to_ns
from quantloom.market.rulebook import rule_book
from quantloom.market.rulebook.topics import Funding, Grid, Maintenance, MakerTaker
from quantloom.trading import (
    Backing,
    FeeSchedule,
    FeeTier,
    FundingRates,
    Holding,
    MarginTiers,
    MarkBar,
    Marked,
    Perpetual,
    fee_in_quote,
    funding_cash,
    initial_margin,
    liquidate,
    liquidated_at,
)

D = Decimal
DAY = date(2022, 6, 1)
BTC, COIN = "BTC-USDT-PERP.BINANCE", "BTC-USD-PERP.BINANCE"


def new_account_tier(symbol: str) -> FeeTier:
    rule = rule_book().rule("maker_taker#0", symbol, DAY)
    assert rule is not None
    assert isinstance(rule.entry, MakerTaker)
    return FeeSchedule.of([rule.entry]).by_volume(D(0))


def hour(of_day: int) -> int:
    return to_ns(datetime(DAY.year, DAY.month, DAY.day, of_day, tzinfo=UTC))


def test_a_day_that_ends_in_a_liquidation() -> None:
    """Buy two, pay funding once, miss a rate, sell one, and lose the margin of the other."""
    book, contract = rule_book(), Perpetual.of(rule_book().need(Grid, BTC, date(2023, 9, 1)))
    rule = book.need(Maintenance, BTC, DAY)
    tiers, tier = MarginTiers.of(rule), new_account_tier(BTC)
    cash = D(10_000)

    # Two coins at 31,000 at twenty times leverage: 62,000, of which 3,100 are margin. A taker pays
    # 0.04 %, 24.80.
    two = Holding.of(contract, [(D(2), D(31_000))])
    assert initial_margin(two.entry_notional, D(20)) == 3_100
    cash -= fee_in_quote(tier.rate(is_maker=False), two.entry_notional).amount
    assert cash == D("9975.20")

    # At 08:00 longs pay 0.01 % of 62,400; of 16:00 nobody knows the rate.
    rates = FundingRates(np.array([hour(8)], dtype=np.int64), np.array([0.0001]))
    due = rates.due(lambda day: book.need(Funding, BTC, day), hour(6), hour(18))
    paid = [funding_cash(contract, D(2), D(31_200), one.rate) for one in due if one.rate]
    assert [one.is_missing for one in due] == [False, True]
    assert paid == [D("-6.24")]
    cash += paid[0]

    # A maker sells one at 31,500: 500 gained, 0.02 % of 31,500 paid, half of the margin stays.
    cash += contract.profit(D(1), D(31_000), D(31_500))
    cash -= fee_in_quote(tier.rate(is_maker=True), D(31_500)).amount
    assert cash == D("10462.66")

    # 31,000 are in the tier of 0.4 %: (31,000 - 1,550) / 0.996 = 29,568.27. The fee of 1.25 % would
    # be 369.60 and takes the 118.20 that are left.
    one = Holding.of(contract, [(D(1), D(31_000))])
    backing = Backing(D(1_550))
    bar = MarkBar(D(31_400), D(31_450), D(29_500))
    price = liquidated_at(one, tiers, backing, bar, tick=D("0.1"))
    assert price == D("29568.2")
    done = liquidate(Marked(one, tiers, price), backing, fee_ratio=rule.liquidation_fee)
    assert (done.fee, done.insured) == (D("118.2"), D(0))
    cash += one.profit(price) - done.fee

    assert cash == D("10462.66") - 1_550


def test_a_day_in_coin() -> None:
    """Short 300 contracts of 100 dollars, be paid funding, buy back lower."""
    contract = Perpetual.of(rule_book().need(Grid, COIN, date(2023, 9, 1)))
    tier = new_account_tier(COIN)
    coins = D(1)

    # 30,000 dollars at 30,000 are 1 coin; a taker pays 0.05 % of it.
    assert tier.taker == D("0.0005")
    coins -= fee_in_quote(tier.taker, contract.notional(D(-300), D(30_000))).amount
    # At 29,000 they are 1.03448275...; a hundredth of a percent of it comes in, cut down.
    coins += funding_cash(contract, D(-300), D(29_000), D("0.0001"))
    # Bought back at 28,000 for 1.07142857 coin, cut down; and 0.05 % of 1.07142858, cut up.
    coins += contract.profit(D(-300), D(30_000), D(28_000))
    coins -= fee_in_quote(tier.taker, contract.notional(D(300), D(28_000))).amount

    fees = D("0.0005") + D("0.0005") * D("1.07142858")
    assert coins == 1 - fees + D("0.00010344") + D("0.07142857")
