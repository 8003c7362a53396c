"""Lots by age, margin by lots, frozen lots and delivery, worked out by hand."""

from decimal import Decimal
from typing import Any

import pytest

from quantloom.backtest import BacktestResult, BadRunSetting
from quantloom.market.rulebook import RuleBook, rule_book
from tests.library.backtest.builders import Script
from tests.library.market.rulebook.rule_texts import entry, rule_text
from tests.scenarios.market import Rows, bars_at, buy, sell, short, trade

D = Decimal
RB, M = "rb2410.SHFE", "m2409.DCE"
# Friday, its night (Monday's trading day), Monday, Tuesday.
DAYS: Rows = {
    "2024-03-01 14:00": 3700.0,
    "2024-03-01 21:00": 3700.0,
    "2024-03-01 22:00": 3700.0,
    "2024-03-04 09:00": 3710.0,
    "2024-03-04 14:00": 3690.0,
    "2024-03-05 09:00": 3680.0,
    "2024-03-05 14:00": 3680.0,
}
SETTLED = [3700, 3690, 3690, 3690, 3690, 3680, 3680]
CENT = D("0.01")


def overlay(*entries: str) -> RuleBook:
    return rule_book().overlay("mine.toml", rule_text(*entries))


def ten_times_today(symbol: str) -> str:
    """0.01 % to open and to close, 0.1 % to close what was opened today."""
    rates = (f"{name} = {{ money = {rate} }}" for name, rate in FEES.items())
    return entry("fee", *rates, of=f'["{symbol}"]', since="2024-01-01")


FEES = {"open": "0.0001", "close": "0.0001", "close_today": "0.001"}


def rebar(script: Script, **settings: Any) -> BacktestResult:
    return trade(bars_at(RB, DAYS, settlement=SETTLED), script, **settings)


# Today's lots and older ones


def test_a_lot_of_the_night_pays_todays_fee_on_monday_and_the_plain_one_on_tuesday() -> None:
    # Two lots on Friday night. One is closed before Monday's close, the other on Tuesday morning.
    script = {0: buy(RB, 2), 2: sell(RB, 1), 4: sell(RB, 1)}

    result = rebar(script, rules=overlay(ten_times_today("rb")))

    # Lots of ten tons: 74,000 at 0.01 %; 37,100 at 0.1 %, opened on Monday's trading day; 36,800
    # at 0.01 %, opened the day before.
    assert result.fills["commission"].tolist() == [D("7.4"), D("37.1"), D("3.68")]
    # 100 made on the one, and 100 lost by Monday's settlement and 100 from there on the other.
    assert result.final_cash == 100_000 + 100 - 200 - D("7.4") - D("37.1") - D("3.68")


def test_orders_may_name_the_age_of_their_lots() -> None:
    # One lot of Friday night, one of Tuesday morning. Each order closes the one that it names.
    script: Script = {
        0: buy(RB, 1),
        4: buy(RB, 1, tag="new"),
        5: sell(RB, 1, offset="close_today"),
    }

    result = rebar(script)

    assert result.round_trips["tag"].tolist() == ["new"]
    assert result.positions["average_price"].tolist() == [3_700]


@pytest.mark.parametrize(
    ("offset", "free"), [("close", "0 free"), ("close_yesterday", "0 free"), ("close_today", "")]
)
def test_a_plain_close_means_yesterdays_lots_at_the_shfe(offset: str, free: str) -> None:
    # Bought on Friday night; a sale on Monday finds today's lot alone.
    result = rebar({0: buy(RB, 1), 2: sell(RB, 1, offset=offset)})

    status, rule, reason = (result.orders[name][1] for name in ("status", "rule", "reason"))
    assert (status, rule) == (("rejected", "not_enough_to_close") if free else ("filled", ""))
    assert free in reason


def test_elsewhere_orders_cannot_name_the_age_of_their_lots() -> None:
    # Bought on Friday night and on Tuesday. The DCE took today's lots first, whatever it was told.
    script = {0: buy(M, 1), 4: buy(M, 1, tag="new"), 5: sell(M, 1, offset="close_yesterday")}

    result = trade(bars_at(M, DAYS, settlement=SETTLED), script)

    assert result.round_trips["tag"].tolist() == ["new"]


# Frozen lots


def test_a_close_beyond_the_lots_that_are_free_is_rejected() -> None:
    # Two lots of Friday night. A limit order freezes one; two more are not there.
    script: Script = {
        0: buy(RB, 2),
        1: [
            sell(RB, 1, price=3_800, offset="close_today"),
            sell(RB, 2, offset="close_today"),
        ],
    }

    result = rebar(script)

    assert result.orders["status"].tolist() == ["filled", "expired", "rejected"]
    assert result.orders["rule"][2] == "not_enough_to_close"
    assert result.orders["reason"][2] == f"{RB}: 2 long lots of today to close, 1 free"


def test_a_cancelled_order_gives_its_lots_back() -> None:
    script: Script = {
        0: buy(RB, 2),
        1: sell(RB, 2, price=3_800, offset="close_today"),
        2: [lambda ctx: ctx.cancel_all(), sell(RB, 2, offset="close_today")],
    }

    result = rebar(script)

    assert result.orders["status"].tolist() == ["filled", "cancelled", "filled"]


def test_without_a_quantity_an_order_closes_what_is_free_of_the_lots_it_names() -> None:
    # One of Friday night, two of Tuesday; Tuesday's go.
    script = {0: buy(RB, 1), 4: buy(RB, 2), 5: sell(RB, offset="close_today")}

    result = rebar(script)

    assert result.round_trips["quantity"].tolist() == [2]
    assert result.positions["quantity"].tolist() == [1]


# Which lots go, which fee they pay: two rules with dates


def closing_rules(before: str, after: str) -> RuleBook:
    """One rule of closing up to Monday and another one from Tuesday on."""
    fields = "buckets = false"
    return overlay(
        entry("closing", fields, before, of='["rb"]', since="2024-01-01", to="2024-03-04"),
        entry("closing", fields, after, of='["rb"]', since="2024-03-05"),
        ten_times_today("rb"),
    )


OLD_AND_NEW = {
    "2024-02-29 21:00": 3700.0,
    "2024-03-01 09:00": 3700.0,
    "2024-03-01 21:00": 3710.0,
    "2024-03-04 09:00": 3720.0,
    "2024-03-04 21:00": 3710.0,
    "2024-03-05 09:00": 3720.0,
}


def of_old_and_new(rules: RuleBook) -> BacktestResult:
    """Three lots of Friday. Monday and Tuesday each buy one by night and sell one by day."""
    one_in, one_out = buy(RB, 1, tag="new"), sell(RB, 1)
    script = {0: buy(RB, 3, tag="old"), 1: one_in, 2: one_out, 3: one_in, 4: one_out}
    return trade(bars_at(RB, OLD_AND_NEW), script, rules=rules)


def test_which_lots_a_close_takes_is_a_rule_with_dates() -> None:
    rules = closing_rules('consumes = "oldest"', 'consumes = "today"')

    result = of_old_and_new(rules)

    assert result.round_trips["tag"].tolist() == ["old", "new"]
    # 37,200 at 0.01 % for the old lot, at 0.1 % for the new one.
    assert result.fills["commission"].tolist()[2::2] == [D("3.72"), D("37.2")]


def test_which_fee_a_close_pays_is_another_rule_with_dates() -> None:
    by_lots = 'consumes = "oldest"'
    rules = closing_rules(by_lots, f'{by_lots}\nfee_of = "today_first"')

    result = of_old_and_new(rules)

    # The oldest lots go on both days; on Tuesday they pay as if that night's had gone.
    assert result.round_trips["tag"].tolist() == ["old", "old"]
    assert result.fills["commission"].tolist()[2::2] == [D("3.72"), D("37.2")]


def test_a_lot_of_today_is_paid_for_as_such_once() -> None:
    # Two old lots and one of today; two are sold one after the other, both times an old one goes.
    rules = closing_rules(*['consumes = "oldest"\nfee_of = "today_first"'] * 2)
    script = {0: buy(RB, 2), 1: buy(RB, 1), 2: sell(RB, 1), 3: sell(RB, 1)}
    rows = {time: OLD_AND_NEW[time] for time in [*OLD_AND_NEW][:4]}
    rows |= {"2024-03-04 10:00": 3720.0}

    result = trade(bars_at(RB, rows), script, rules=rules)

    assert result.fills["commission"].tolist()[2:] == [D("37.2"), D("3.72")]


# Margin


@pytest.mark.parametrize(("cash", "status"), [(D("8606.05"), "filled"), (D("8606.04"), "rejected")])
def test_margin_is_of_the_last_settlement_and_of_todays_open_prices(
    cash: Decimal, status: str
) -> None:
    rows: Rows = {
        "2024-03-01 09:00": 3700.0,
        "2024-03-01 10:00": 3700.0,
        "2024-03-04 09:00": 3650.0,
        "2024-03-04 10:00": 3650.0,
    }
    bars = bars_at(RB, rows, settlement=[3600, 3600, 3650, 3650])

    # Two lots of Friday at 3,700, settled at 3,600; one more on Monday at 3,650.
    result = trade(bars, {0: buy(RB, 2), 1: buy(RB, 1)}, cash=cash)

    # Margin is 7 % of 2 * 36,000 + 36,500, 7,595; three lots at the price would ask for 7,665.
    # Of the cash 7.4 and 3.65 go for fees and 2,000 at settlement; 1,000 are gained since.
    assert cash - D("7.4") - D("3.65") - 2_000 + 1_000 in {7_595, 7_595 - CENT}
    assert result.orders["status"].tolist()[:2] == ["filled", status]


def test_a_book_may_value_todays_lots_at_the_price() -> None:
    rows: Rows = {
        "2024-03-01 14:00": 3700.0,
        "2024-03-01 21:00": 3700.0,
        "2024-03-04 09:00": 3800.0,
    }
    fields = ("long = 0.07", "short = 0.07", 'base = "price"')
    rules = overlay(entry("margin", *fields, of='["rb"]', since="2024-01-01"))
    script = {0: buy(RB, 1), 1: buy(RB, 1)}
    # The first lot is up 1,000. At the price two lots ask for 5,320; as they were bought, for
    # 2,590 + 2,660 = 5,250.
    cash = 5_250 - 1_000 + D("3.7") + D("3.8")

    by_price = trade(bars_at(RB, rows), script, cash=cash, rules=rules)
    by_lots = trade(bars_at(RB, rows), script, cash=cash)

    assert by_price.orders["status"].tolist() == ["filled", "rejected"]
    assert by_lots.orders["status"].tolist()[:2] == ["filled", "filled"]


def test_a_broker_adds_to_the_exchanges_margin() -> None:
    # One lot at 3,700: 7 % are 2,590, 10 % are 3,700. The fee is 3.70.
    of_the_exchange = rebar({0: buy(RB, 1)}, cash=3_000)
    of_the_broker = [rebar({0: buy(RB, 1)}, cash=one, margin_addon=0.03) for one in (3_703, 3_704)]

    assert of_the_exchange.orders["status"].tolist() == ["filled"]
    assert [one.orders["status"][0] for one in of_the_broker] == ["rejected", "filled"]


def test_the_addition_comes_on_top_of_what_delivery_asks_for() -> None:
    # From the first trading day of September on the exchange asks for 10 % of October's contract.
    rows: Rows = {"2024-09-02 10:00": 3000.0, "2024-09-02 14:00": 3000.0}

    results = [
        trade(bars_at(RB, rows), {0: buy(RB, 1)}, cash=one, margin_addon=0.03)
        for one in (3_902, 3_903)
    ]

    assert [one.orders["status"][0] for one in results] == ["rejected", "filled"]


@pytest.mark.parametrize("settings", [{"rules": False}, {"margin": 0.1}, {"margin_addon": 1}])
def test_an_addition_needs_something_to_add_to(settings: dict[str, Any]) -> None:
    with pytest.raises(BadRunSetting, match="margin_addon"):
        rebar({0: buy(RB, 1)}, **({"margin_addon": 0.03} | settings))


def test_a_margin_call_on_tuesday() -> None:
    # Two lots short on Friday night at 3,700. Monday settles at 3,800: 2,000 are lost.
    changed = {"2024-03-04 14:00": 3800, "2024-03-05 09:00": 3820, "2024-03-05 14:00": 3820}
    rows = DAYS | changed
    bars = bars_at(RB, rows, settlement=[3700, 3800, 3800, 3800, 3800, 3820, 3820])

    result = trade(bars, {0: short(RB, 2)}, cash=8_000, margin_addon=0.03)

    # Left are 8,000 - 7.4 - 2,000 = 5,992.6; two lots ask for 10 % of 76,000. One is closed at
    # Tuesday's open, at 0.01 % of 38,200; both have lost 120 points of ten tons by then.
    (forced,) = [row for row in result.fills.rows() if row["cause"] == "liquidation"]
    assert (forced["side"], forced["quantity"], forced["price"]) == ("buy", 1, 3_820)
    assert forced["commission"] == D("3.82")
    assert result.final_equity == 8_000 - D("7.4") - 2 * 1_200 - D("3.82")


# Delivery


# Rebar of October 2024 ends on the 15th; the fifth trading day before that is the 8th, the first
# after the holidays.
NEAR: Rows = {
    "2024-09-30 14:00": 3400.0,
    "2024-10-08 09:00": 3500.0,
    "2024-10-08 14:00": 3510.0,
    "2024-10-09 09:00": 3450.0,
    "2024-10-09 14:00": 3450.0,
}


def test_natural_persons_are_out_before_delivery() -> None:
    bars = bars_at(RB, NEAR, settlement=[3400, 3505, 3505, 3450, 3450])
    script: Script = {0: [buy(RB, 1), sell(RB, 1, price=3_700)], 2: buy(RB, 1), 3: buy(RB, 1)}

    result = trade(bars, script)

    # In at 3,500, out at the last close of the day, 3,510, at the usual fee: 100 made.
    assert result.round_trips["exit"].tolist() == ["delivery"]
    assert result.final_cash == 100_000 + 100 - D("3.5") - D("3.51")
    # The order that rested is cancelled, those of the next day may not open.
    assert result.orders["status"].tolist() == [
        "filled", "cancelled", "cancelled", "filled", "rejected"
    ]  # fmt: skip
    assert set(result.orders["rule"].tolist()) == {"", "near_delivery"}


def test_a_company_stays_until_the_contract_ends() -> None:
    fields = ('last_day = "15th"', 'method = "physical"')
    rules = overlay(entry("delivery", *fields, of='["rb"]', since="2024-01-01"))

    result = trade(bars_at(RB, NEAR), {0: buy(RB, 1)}, rules=rules)

    assert result.positions["quantity"].tolist() == [1]


# The offset router


IF = "IF2403.CFFEX"
INDEX: Rows = {
    "2024-03-04 09:30": 3500.0,
    "2024-03-04 10:30": 3500.0,
    "2024-03-04 13:00": 3510.0,
    "2024-03-05 09:30": 3520.0,
    "2024-03-05 10:30": 3530.0,
    "2024-03-05 13:00": 3540.0,
}
# In and out on Monday, in and out on Tuesday.
IN_AND_OUT: Script = {0: buy(IF, 1), 1: sell(IF, 1), 3: buy(IF, 1), 4: sell(IF, 1)}
INDEX_SETTLED = [3505, 3505, 3505, 3540, 3540, 3540]


def index(script: Script = IN_AND_OUT, **settings: Any) -> BacktestResult:
    bars = bars_at(IF, INDEX, settlement=INDEX_SETTLED)
    return trade(bars, script, **({"cash": 1_000_000} | settings))


def test_the_router_locks_instead_of_closing_today_and_unlocks_the_next_day() -> None:
    plain, routed = index(), index(offsets="cheapest")

    # Opening and closing cost 0.23 of ten thousand, closing today's lots ten times that; a lot is
    # 300 times the price. Plainly: open at 3,500, close today at 3,510; then 3,530 and 3,540.
    assert plain.fills["commission"].tolist() == [
        D("24.15"), D("242.19"), D("24.357"), D("244.26")
    ]  # fmt: skip
    # Routed: open, lock at 3,510, close the short lot of yesterday at 3,530, the long at 3,540.
    assert routed.fills["commission"].tolist() == [
        D("24.15"), D("24.219"), D("24.357"), D("24.426")
    ]  # fmt: skip
    # Both make 10 points on Monday and 10 on Tuesday.
    assert plain.final_cash == 1_000_000 + 6_000 - D("534.957")
    assert routed.final_cash == 1_000_000 + 6_000 - D("97.152")


def test_a_lock_is_flat_to_the_strategy_and_two_positions_at_the_exchange() -> None:
    seen = []
    script: Script = {0: buy(IF, 1), 1: sell(IF), 2: lambda ctx: seen.append(ctx.position.is_flat)}

    result = index(script, offsets="cheapest")

    assert seen == [True]
    assert result.positions["quantity"].tolist() == [1, -1]
    assert result.positions["average_price"].tolist() == [3_500, 3_510]
    # At the last close, 3,540: 40 points up, 30 down.
    assert result.positions["unrealised"].tolist() == [12_000, -9_000]
    assert result.final_equity == 1_000_000 + 3_000 - D("24.15") - D("24.219")


def test_each_routed_order_says_why() -> None:
    result = index(offsets="cheapest")

    told = result.orders["routing"][1]

    assert told.startswith("sell 1 at 3510: open 1 (1 as a lock), cheapest of 2 ways")
    assert "- close 1 (1 at the fee of today's): fee 242.19, margin 0" in told
    assert "routing" not in index().orders


def test_a_lock_that_the_account_cannot_afford_is_a_close() -> None:
    # No relief for the larger side: two sides ask for 12 % of 1,050,000 and of 1,053,000, 252,360.
    # The first has made 3,000 by then, and fees of 24.15 and 24.219 go off: 249,408.369 will do.
    fields = ("long = 0.12", "short = 0.12")
    rules = overlay(entry("margin", *fields, of='["IF"]', since="2024-01-01"))

    poor, rich = (
        index(offsets="cheapest", rules=rules, cash=cash)
        for cash in (D("249408.36"), D("249408.369"))
    )

    assert poor.fills["commission"].tolist()[1] == D("242.19")
    assert rich.fills["commission"].tolist()[1] == D("24.219")


@pytest.mark.parametrize(("larger", "rule"), [("true", ""), ("false", "insufficient_funds")])
def test_of_a_lock_only_the_larger_side_asks_for_margin_where_the_book_says_so(
    larger: str, rule: str
) -> None:
    fields = ("long = 0.12", "short = 0.12", f"larger_side = {larger}")
    rules = overlay(entry("margin", *fields, of='["IF"]', since="2024-01-01"))
    # A lot is 126,000 of margin; the other side, opened by name, is as much or nothing more.
    script: Script = {0: buy(IF, 1), 1: short(IF, 1, offset="open")}

    result = index(script, offsets="close", rules=rules, cash=200_000)

    assert result.orders["rule"].tolist()[:2] == ["", rule]


def test_without_locks_the_router_closes() -> None:
    result = index(offsets="close")

    assert [told.split(",")[0] for told in result.orders["routing"]] == [
        "buy 1 at 3500: open 1",
        "sell 1 at 3510: close 1 (1 at the fee of today's)",
        "buy 1 at 3530: open 1",
        "sell 1 at 3540: close 1 (1 at the fee of today's)",
    ]
    assert result.final_cash == index().final_cash


def test_at_the_shfe_the_router_names_todays_lots_and_yesterdays() -> None:
    # One lot of Friday night, two of Tuesday; three are sold, yesterday's at a tenth of the fee.
    script: Script = {0: buy(RB, 1), 4: buy(RB, 2), 5: sell(RB, 2)}

    result = rebar(script, offsets="close", rules=overlay(ten_times_today("rb")))

    (told,) = result.orders["routing"].tolist()[2:]
    assert told.startswith("sell 2 at 3680: close_yesterday 1 + close_today 1, cheapest")
    assert result.fills["commission"].tolist()[2] == D("3.68") + D("36.8")


def test_both_sides_of_a_lock_end_with_the_contract() -> None:
    # The third Friday of March. The lock of Thursday is worth its ten points for good.
    rows: Rows = {
        "2024-03-14 09:30": 3500.0,
        "2024-03-14 10:30": 3500.0,
        "2024-03-14 13:00": 3510.0,
        "2024-03-15 09:30": 3600.0,
        "2024-03-15 13:00": 3600.0,
    }
    script: Script = {0: buy(IF, 1), 1: sell(IF, 1)}

    result = trade(bars_at(IF, rows), script, cash=1_000_000, offsets="cheapest")

    assert result.round_trips["exit"].tolist() == ["expiry", "expiry"]
    assert result.round_trips["side"].tolist() == ["buy", "sell"]
    assert result.final_cash == 1_000_000 + 3_000 - D("24.15") - D("24.219")


def test_a_margin_call_takes_a_lock_apart() -> None:
    # Long and short are 12 % of their value each; on Tuesday the overlay asks for 30 %.
    fields = "long = {0}, short = {0}".format
    rules = overlay(
        entry("margin", *fields("0.12").split(", "), of='["IF"]', to="2024-03-04"),
        entry("margin", *fields("0.30").split(", "), of='["IF"]', since="2024-03-05"),
    )
    rows = INDEX | {"2024-03-06 09:30": 3540.0, "2024-03-06 10:30": 3540.0}
    bars = bars_at(IF, rows, settlement=[*INDEX_SETTLED, 3540, 3540])
    script: Script = {0: buy(IF, 1), 1: sell(IF, 1)}

    result = trade(bars, script, cash=300_000, rules=rules, offsets="cheapest")

    # Tuesday settles at 3,540: 30 % of 1,062,000 twice, 637,200, against some 303,000. Closing both
    # frees it; less would not.
    forced = [row for row in result.fills.rows() if row["cause"] == "liquidation"]
    assert [(row["side"], row["quantity"], row["price"]) for row in forced] == [
        ("sell", 1, 3_540), ("buy", 1, 3_540)
    ]  # fmt: skip
    assert len(result.positions) == 0


@pytest.mark.parametrize("given", ["lock", "CHEAPEST"])
def test_an_unknown_choice_of_offsets_is_refused(given: str) -> None:
    with pytest.raises(BadRunSetting, match="'net', 'close', 'cheapest'"):
        index(offsets=given)


def test_a_router_needs_rules() -> None:
    with pytest.raises(BadRunSetting, match="rules=True"):
        index(offsets="cheapest", rules=False)
