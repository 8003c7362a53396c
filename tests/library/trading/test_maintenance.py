"""Initial margin by leverage, maintenance margin by tiers."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest

from quantloom.market.rulebook import rule_book, topics
from quantloom.trading import BadTiers, MarginTier, MarginTiers, Refused, initial_margin

D = Decimal
BTC = "BTC-USDT-PERP.BINANCE"


def tiers_of(symbol: str = BTC, day: date = date(2022, 6, 1)) -> MarginTiers:
    return MarginTiers.of(rule_book().need(topics.Maintenance, symbol, day))


def test_initial_margin_is_notional_by_leverage_and_cut_up() -> None:
    assert initial_margin(D(20_000), D(50)) == D(400)
    # A third of 100 has no last digit: the trader puts up the next eighth one.
    assert initial_margin(D(100), D(3)) == D("33.33333334")


@pytest.mark.parametrize(
    ("notional", "margin"),
    [
        # Binance's own example of this table: 264,000 is in the tier of 1 %, and 1,300 is deducted.
        ("264000", "1340"),
        ("49999", "199.996"),  # x 0.4 %
        ("50000", "200"),  # x 0.5 % - 50
        ("500000", "3700"),  # x 1 % - 1,300
        ("700000000", "150296200"),  # x 50 % - 199,703,800
    ],
)
def test_maintenance_margin_is_that_of_its_tier(notional: str, margin: str) -> None:
    assert tiers_of().maintenance(D(notional)) == D(margin)


PACKAGED = [
    entry
    for file in rule_book().files()
    for entries in file.entries.values()
    for entry in entries
    if isinstance(entry, topics.Maintenance)
]


@pytest.mark.parametrize("rule", PACKAGED, ids=lambda rule: f"{rule.of[0]} {rule.since}")
def test_what_is_deducted_makes_the_packaged_tiers_join(rule: topics.Maintenance) -> None:
    for lower, upper in pairwise(MarginTiers.of(rule).tiers):
        below = upper.start * lower.ratio - lower.deducted
        assert upper.start * upper.ratio - upper.deducted == below


def test_leverage_beyond_the_tier_is_refused() -> None:
    tiers = tiers_of()

    assert tiers.review(D(60_000), D(100)) is None
    verdict = tiers.review(D(60_000), D(125))

    assert isinstance(verdict, Refused)
    assert verdict.rule == "leverage_too_high"
    assert "the most is 100" in verdict.reason
    assert isinstance(tiers.review(D(60_000), D(0)), Refused)


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([], "does not begin at 0"),
        ([(5, "0.01", 0, 50)], "does not begin at 0"),
        ([(0, "0.01", 0, 50), (0, "0.02", 0, 20)], "is not above"),
        ([(0, "0", 0, 50)], "no share"),
        ([(0, "1", 0, 50)], "no share"),
        ([(0, "0.01", 0, 0)], "below 1"),
        ([(0, "0.01", 1, 50)], "cannot be deducted"),
        ([(0, "0.01", 0, 50), (100, "0.02", 3, 20)], "cannot be deducted"),
    ],
)
def test_tiers_that_cannot_be_meant_are_refused(
    rows: list[tuple[int, str, int, int]], problem: str
) -> None:
    tiers = tuple(MarginTier(D(start), D(ratio), D(off), most) for start, ratio, off, most in rows)

    with pytest.raises(BadTiers, match=problem):
        MarginTiers(tiers)
