"""Chinese futures, row by row of `docs/reference/realism.md`; figures are worked out by hand."""

from datetime import date, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from quantloom.market import Leg, Pause, chain_contracts, find_gaps, get_calendar
from tests.library.backtest.builders import Script
from tests.scenarios.market import Rows, bars_at, buy, sell, short, trade

D = Decimal
REBAR, COKE, GOLD, MEAL = "rb2405.SHFE", "j2409.DCE", "au2406.SHFE", "m2409.DCE"


def test_instrument_spec_is_dated() -> None:
    # One lot is 10 tons, 38,000: 10 % of margin until 2023-09-21, 7 % from the 22nd on.
    days = {"2023-09-20": 3800.0, "2023-09-21": 3800.0, "2023-09-22": 3800.0}
    bars = bars_at("rb2401.SHFE", days, timeframe="1d")

    early, late = (trade(bars, {at: buy(bars.symbol, 1)}, cash=3_000) for at in (0, 1))

    assert early.orders["rule"].tolist() == ["insufficient_funds"]
    assert late.orders["status"].tolist() == ["filled"]
    assert late.spec.instrument.multiplier == 10


@pytest.mark.parametrize(
    ("symbol", "price", "fees"),
    [
        # 100 tons at 2,000: 0.01 % of 200,000, and 0.014 % to close what was opened today.
        (COKE, 2_000.0, ["20", "28", "20"]),
        # Ten yuan a lot, nothing to close what was opened today.
        (GOLD, 480.0, ["10", "0", "10"]),
    ],
)
def test_commission_by_open_close_and_close_today(
    symbol: str, price: float, fees: list[str]
) -> None:
    times = ("2024-03-04 09:00", "2024-03-04 10:30", "2024-03-04 13:30", "2024-03-05 09:00")
    bars = bars_at(symbol, dict.fromkeys(times, price))

    result = trade(bars, {0: buy(symbol, 2), 1: sell(symbol, 1), 2: sell(symbol, 1)}, cash=10**6)

    opened, today, tomorrow = (D(fee) for fee in fees)
    assert result.fills["commission"].tolist() == [2 * opened, today, tomorrow]


@pytest.mark.parametrize(
    ("symbol", "price", "fees", "pays"),
    [
        # Meal takes today's lot first, bought at 3,010 and closed for nothing.
        (MEAL, 3_000.0, ["1.5", "1.5", "0"], 10),
        # Coke takes the oldest, bought at 2,000 and no longer one of today's.
        (COKE, 2_000.0, ["20", "20.1", "20.2"], 20),
    ],
)
def test_today_and_yesterday_are_apart(
    symbol: str, price: float, fees: list[str], pays: int
) -> None:
    rows: Rows = {
        "2024-03-04 10:30": price,
        "2024-03-04 13:30": price,
        "2024-03-05 09:00": price + 10,
        "2024-03-05 10:30": price + 20,
    }
    script = {0: buy(symbol, 1), 1: buy(symbol, 1), 2: sell(symbol, 1)}

    result = trade(bars_at(symbol, rows), script, cash=10**6)

    assert result.fills["commission"].tolist() == [D(fee) for fee in fees]
    (trip,) = result.round_trips.rows()
    assert trip["exit_price"] - trip["entry_price"] == pays


@pytest.mark.parametrize(("offset", "made"), [("close_today", 100), ("close_yesterday", 300)])
def test_shanghai_orders_name_their_lots(offset: str, made: int) -> None:
    # One lot of Monday at 3,700, one of Tuesday at 3,720, one sold at 3,730.
    rows: Rows = {
        "2024-03-04 10:30": 3700.0,
        "2024-03-04 13:30": 3700.0,
        "2024-03-05 09:00": 3720.0,
        "2024-03-05 10:30": 3730.0,
    }
    script = {0: buy(REBAR, 1), 1: buy(REBAR, 1), 2: sell(REBAR, 1, offset=offset)}

    result = trade(bars_at(REBAR, rows), script)

    assert result.round_trips["gross"].tolist() == [made]


def test_a_waiting_close_freezes_its_lots() -> None:
    rows = dict.fromkeys(("2024-03-04 09:00", "2024-03-04 10:30", "2024-03-04 13:30"), 3700.0)
    waiting, late = (sell(REBAR, lots, price=3_800, offset="close_today") for lots in (2, 1))
    script: Script = {0: buy(REBAR, 2), 1: [waiting, late]}

    result = trade(bars_at(REBAR, rows), script)

    assert result.orders["rule"].tolist() == ["", "end_of_data", "not_enough_to_close"]


@pytest.mark.parametrize(("cash", "lots"), [(4_500, 2), (4_460, 1)])
def test_margin_is_of_the_last_settlement_and_of_todays_price(cash: int, lots: int) -> None:
    # Monday's lot at 3,700, settled at 3,600; another at 3,770 on Tuesday. 7 % of 36,000 and of
    # 37,700 are 5,159; there are 692.53 more than the cash: 1,000 lost, 1,700 won, fees 7.47.
    rows: Rows = {
        "2024-03-04 10:30": 3700.0,
        "2024-03-04 13:30": 3700.0,
        "2024-03-05 09:00": 3770.0,
        "2024-03-05 10:30": 3770.0,
    }
    bars = bars_at(REBAR, rows, settlement=[3600, 3600, 3770, 3770])

    result = trade(bars, {0: buy(REBAR, 1), 2: buy(REBAR, 1)}, cash=cash)

    assert result.positions["quantity"].tolist() == [lots]


def test_settlement_pays_cash_and_leaves_equity() -> None:
    # Bought at 3,700 on Monday, settled at 3,712, closed at 3,720; sold at 3,705 on Tuesday.
    rows: Rows = {
        "2024-03-01": 3700.0,
        "2024-03-04": (3700.0, 3725.0, 3695.0, 3720.0),
        "2024-03-05": (3705.0, 3705.0, 3705.0, 3705.0),
        "2024-03-06": 3705.0,
    }
    bars = bars_at(REBAR, rows, timeframe="1d", settlement=[3700, 3712, 3705, 3705])

    result = trade(bars, {0: buy(REBAR, 1), 1: sell(REBAR, 1)})

    # Ten tons: 120 in by Monday's settlement, 70 out by Tuesday's sale; equity at closes.
    fees = D("3.7") + D("3.705")
    assert result.equity["equity"].tolist()[1] == pytest.approx(100_000 - 3.7 + 200)
    assert result.round_trips["gross"].tolist() == [50]
    assert result.final_cash == 100_000 + 120 - 70 - fees


def test_limit_is_of_the_settlement_and_queues() -> None:
    # 5 % over the settlement of 3,710 are 3,895.5, half up 3,896; over the close it were 3,885.
    rows: Rows = {"2024-03-04": 3700.0, "2024-03-05": 3896.0, "2024-03-06": 3890.0}
    bars = bars_at(REBAR, rows, timeframe="1d", settlement=[3710, 3896, 3890])

    bought, sold = (trade(bars, {0: act(REBAR, 1)}) for act in (buy, short))

    assert bought.fills["price"].tolist() == [3_890]
    assert sold.fills["price"].tolist() == [3_896]


def test_friday_night_is_mondays() -> None:
    rows: Rows = {
        "2024-03-08 14:30": 3700.0,
        "2024-03-08 21:00": 3700.0,
        "2024-03-11 09:00": 3700.0,
    }

    result = trade(bars_at(REBAR, rows, timeframe="30m"), {})

    assert result.days.tolist() == [date(2024, 3, 8), date(2024, 3, 11), date(2024, 3, 11)]


@pytest.mark.parametrize(
    ("product", "day", "opens", "night_ends"),
    [
        ("SHFE.rb", date(2024, 3, 11), time(21), time(23)),
        ("SHFE.cu", date(2024, 3, 11), time(21), time(1)),
        ("SHFE.au", date(2024, 3, 11), time(21), time(2, 30)),
        # The day after the holiday of Qingming has no night before it.
        ("SHFE.rb", date(2024, 4, 8), time(9), time(10, 15)),
        ("CFFEX.IF", date(2024, 3, 11), time(9, 30), time(11, 30)),
    ],
)
def test_night_sessions_by_product_and_holiday(
    product: str, day: date, opens: time, night_ends: time
) -> None:
    first = get_calendar(product).sessions(day)[0]

    zone = ZoneInfo("Asia/Shanghai")
    local = [moment.astimezone(zone).time() for moment in (first.open, first.close)]
    assert local == [opens, night_ends]


def test_a_break_is_no_missing_bar() -> None:
    rows: Rows = {"2024-03-11 10:00": 3700.0, "2024-03-11 10:30": 3700.0}

    gaps = find_gaps(bars_at(REBAR, rows, timeframe="15m"), get_calendar("SHFE.rb"))

    assert (gaps.pauses[Pause.BREAK], gaps.missing) == (1, ())


def test_a_contract_ends_by_its_last_settlement() -> None:
    # The third Friday of April 2024: sold at 3,500, settled at 3,480, 300 a point.
    rows: Rows = {"2024-04-17": 3500.0, "2024-04-18": 3500.0, "2024-04-19": 3490.0}
    index = "IF2404.CFFEX"
    bars = bars_at(index, rows, timeframe="1d", settlement=[3500, 3500, 3480])

    result = trade(bars, {0: short(index, 1)}, cash=1_000_000)

    # 0.23 in ten thousand of 1,050,000 to open, and nothing to leave.
    assert result.fills["cause"].tolist() == ["market", "expiry"]
    assert result.final_cash == 1_000_000 + 20 * 300 - D("24.15")


def test_natural_persons_leave_before_delivery() -> None:
    # Meal of May is left by the last trading day of April, at its last close and the usual fee.
    meal = "m2405.DCE"
    rows: Rows = {"2024-04-26": 3000.0, "2024-04-29": 3000.0, "2024-04-30": 3020.0}
    bars = bars_at(meal, rows, timeframe="1d", settlement=[3000, 3000, 3010])

    result = trade(bars, {0: buy(meal, 1)})

    # Ten tons: 200 won, 1.5 to open and 1.5 to close.
    assert result.fills["cause"].tolist() == ["market", "delivery"]
    assert result.final_cash == 100_000 + 200 - 3


def test_a_roll_trades_both_contracts_and_no_signal_jumps() -> None:
    old, new, chain = "rb2405.SHFE", "rb2410.SHFE", "rb-MAIN.SHFE"
    days = ("2024-03-04", "2024-03-05", "2024-03-06", "2024-03-07")
    contracts = {
        symbol: bars_at(symbol, dict.fromkeys(days, price), timeframe="1d")
        for symbol, price in ((old, 3_700.0), (new, 3_600.0))
    }
    legs = [Leg(old, date(2024, 3, 4)), Leg(new, date(2024, 3, 6))]
    seen: list[float] = []
    script: Script = {0: buy(chain, 1), 2: lambda ctx: seen.extend(ctx.history(3).close.tolist())}

    result = trade(chain_contracts(contracts, roll=legs), script)

    # One lot in and out at 3,700, and in again at 3,600, each at 0.01 % of ten tons.
    assert result.fills["price"].tolist() == [3_700, 3_700, 3_600]
    assert result.fills["contract"].tolist() == [old, old, new]
    assert result.final_equity == 100_000 - D("3.7") - D("3.7") - D("3.6")
    assert seen == pytest.approx([3_600, 3_600, 3_600])
