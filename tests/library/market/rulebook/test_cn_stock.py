"""The rules of Shanghai, Shenzhen and Beijing on both sides of each day they changed."""

from datetime import time, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal

import pyarrow.parquet as pq
import pytest

from quantloom.market.rulebook.topics import (
    Cage,
    DividendTax,
    Fee,
    Grid,
    Hours,
    Limit,
    Tax,
    Transfer,
    Turnaround,
)
from tests.library.market.rulebook.packaged import board_of, packaged, rule_on
from tests.shared_data import SHARED, needs_shared

NAME = "cn_stock"
SHARES = ("SSE.main", "SSE.star", "SZSE.main", "SZSE.chinext", "BSE.stock")
CLOSING_CALL = "14:57-15:00"
SHANGHAI = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("day", "buy", "sell"),
    [
        ("1997-05-09", "0.003", "0.003"),
        ("1997-05-10", "0.005", "0.005"),
        ("1998-06-11", "0.005", "0.005"),
        ("1998-06-12", "0.004", "0.004"),
        ("2001-11-15", "0.004", "0.004"),
        ("2001-11-16", "0.002", "0.002"),
        ("2005-01-23", "0.002", "0.002"),
        ("2005-01-24", "0.001", "0.001"),
        ("2007-05-29", "0.001", "0.001"),
        ("2007-05-30", "0.003", "0.003"),
        ("2008-04-23", "0.003", "0.003"),
        ("2008-04-24", "0.001", "0.001"),
        ("2008-09-18", "0.001", "0.001"),
        ("2008-09-19", "0", "0.001"),
        ("2023-08-27", "0", "0.001"),
        ("2023-08-28", "0", "0.0005"),
    ],
)
@pytest.mark.parametrize("board", ["SSE.main", "SZSE.main"])
def test_stamp_duty_changes_on_its_days(board: str, day: str, buy: str, sell: str) -> None:
    tax = rule_on(NAME, Tax, day, board)

    assert (tax.buy, tax.sell) == (Decimal(buy), Decimal(sell))


def test_b_shares_paid_less_stamp_duty_from_june_1999() -> None:
    assert rule_on(NAME, Tax, "1999-05-31", "SSE.b").sell == Decimal("0.004")
    assert rule_on(NAME, Tax, "1999-06-01", "SSE.b").sell == Decimal("0.003")
    assert rule_on(NAME, Tax, "1999-06-01", "SSE.main").sell == Decimal("0.004")


def test_funds_and_bonds_are_free_of_stamp_duty() -> None:
    boards = [board for board in packaged(NAME).head.prefixes if not board.endswith(".b")]

    taxed = {board for board in boards if rule_on(NAME, Tax, "2024-01-02", board).sell}

    assert taxed == set(SHARES)


@pytest.mark.parametrize(
    ("board", "day", "money", "face"),
    [
        ("SSE.main", "2012-05-31", "0", "0.001"),
        ("SSE.main", "2012-06-01", "0", "0.00075"),
        ("SSE.main", "2012-08-31", "0", "0.00075"),
        ("SSE.main", "2012-09-01", "0", "0.0006"),
        ("SSE.main", "2015-07-31", "0", "0.0006"),
        ("SSE.main", "2015-08-01", "0.00002", "0"),
        ("SZSE.main", "2015-07-31", "0", "0"),
        ("SZSE.main", "2015-08-01", "0.00002", "0"),
        ("SZSE.chinext", "2022-04-28", "0.00002", "0"),
        ("SZSE.chinext", "2022-04-29", "0.00001", "0"),
        ("BSE.stock", "2022-04-28", "0.000025", "0"),
        ("BSE.stock", "2022-04-29", "0.00001", "0"),
    ],
)
def test_the_transfer_fee_changes_on_its_days(board: str, day: str, money: str, face: str) -> None:
    fee = rule_on(NAME, Transfer, day, board)

    assert (fee.money, fee.face) == (Decimal(money), Decimal(face))


@pytest.mark.parametrize(
    ("board", "day", "ratio"),
    [
        ("SSE.main", "1996-12-13", None),
        ("SSE.main", "1996-12-16", "0.10"),
        ("SZSE.chinext", "2020-08-21", "0.10"),
        ("SZSE.chinext", "2020-08-24", "0.20"),
        ("SSE.star", "2019-07-22", "0.20"),
        ("BSE.stock", "2021-11-15", "0.30"),
        ("SZSE.fund_chinext", "2020-08-21", "0.10"),
        ("SZSE.fund_chinext", "2020-08-24", "0.20"),
        ("SSE.fund", "2024-01-02", "0.10"),
        ("SSE.fund_star", "2024-01-02", "0.20"),
        ("SSE.convertible", "2022-07-29", None),
        ("SSE.convertible", "2022-08-01", "0.20"),
    ],
)
def test_the_price_limit_changes_on_its_days(board: str, day: str, ratio: str | None) -> None:
    expected = None if ratio is None else Decimal(ratio)

    assert rule_on(NAME, Limit, day, board).ratio == expected


@pytest.mark.parametrize(
    ("board", "day", "risk"),
    [
        ("SSE.main", "1998-04-21", None),
        ("SSE.main", "1998-04-22", "0.05"),
        ("SSE.main", "2026-07-03", "0.05"),
        ("SSE.main", "2026-07-06", "0.10"),
        ("SZSE.main", "2026-07-03", "0.05"),
        ("SZSE.main", "2026-07-06", "0.10"),
        ("SZSE.chinext", "2020-08-24", "0.20"),
        ("SSE.star", "2019-07-22", "0.20"),
    ],
)
def test_shares_at_risk_have_their_own_limit(board: str, day: str, risk: str | None) -> None:
    expected = None if risk is None else Decimal(risk)

    assert rule_on(NAME, Limit, day, board).risk_ratio == expected


@pytest.mark.parametrize(
    ("board", "day", "free_days", "first_up", "first_down"),
    [
        ("SSE.main", "2013-12-12", 1, None, None),
        ("SSE.main", "2013-12-13", 0, "0.44", "0.36"),
        ("SZSE.main", "2023-04-07", 0, "0.44", "0.36"),
        ("SZSE.main", "2023-04-10", 5, None, None),
        ("SZSE.chinext", "2020-08-21", 0, "0.44", "0.36"),
        ("SZSE.chinext", "2020-08-24", 5, None, None),
        ("SSE.star", "2019-07-22", 5, None, None),
        ("BSE.stock", "2021-11-15", 1, None, None),
        ("SZSE.convertible", "2022-08-01", 0, "0.573", "0.433"),
    ],
)
def test_the_first_days_have_their_own_limits(
    board: str, day: str, free_days: int, first_up: str | None, first_down: str | None
) -> None:
    limit = rule_on(NAME, Limit, day, board)

    up, down = (one and Decimal(one) for one in (first_up, first_down))
    assert (limit.free_days, limit.first_day_up, limit.first_day_down) == (free_days, up, down)


@pytest.mark.parametrize(
    ("board", "day", "tick", "step", "minimum"),
    [
        ("SSE.main", "2024-01-02", "0.01", 100, None),
        ("SSE.star", "2024-01-02", "0.01", 1, 200),
        ("BSE.stock", "2024-01-02", "0.01", 1, 100),
        ("SSE.fund", "2003-02-28", "0.01", 100, None),
        ("SSE.fund", "2003-03-03", "0.001", 100, None),
        ("SSE.convertible", "2022-05-13", "0.01", 10, None),
        ("SSE.convertible", "2022-05-16", "0.001", 10, None),
        ("SZSE.convertible", "2022-05-13", "0.001", 10, None),
        ("SSE.b", "2024-01-02", "0.001", 100, None),
        ("SZSE.b", "2024-01-02", "0.01", 100, None),
    ],
)
def test_orders_lie_on_the_grid_of_their_board(
    board: str, day: str, tick: str, step: int, minimum: int | None
) -> None:
    grid = rule_on(NAME, Grid, day, board)
    least = None if minimum is None else Decimal(minimum)

    assert (grid.tick, grid.step, grid.minimum) == (Decimal(tick), Decimal(step), least)


@pytest.mark.parametrize("board", SHARES)
def test_an_odd_lot_of_shares_is_sold_in_one_go(board: str) -> None:
    assert rule_on(NAME, Grid, "2024-01-02", board).odd_lot_sells


@pytest.mark.parametrize(
    ("board", "day", "has_call"),
    [
        ("SSE.main", "2018-08-17", False),
        ("SSE.main", "2018-08-20", True),
        ("SSE.star", "2019-07-22", True),
        ("SSE.fund", "2026-07-03", False),
        ("SSE.fund", "2026-07-06", True),
        ("SSE.convertible", "2024-01-02", False),
        ("SZSE.main", "2006-06-30", False),
        ("SZSE.main", "2006-07-03", True),
        ("SZSE.fund", "2018-08-17", True),
        ("BSE.stock", "2021-11-15", True),
    ],
)
def test_the_day_ends_with_a_call_since_its_day(board: str, day: str, has_call: bool) -> None:
    hours = rule_on(NAME, Hours, day, board, board.partition(".")[0])

    assert (CLOSING_CALL in hours.auctions) is has_call
    assert "09:15-09:25" in hours.auctions


@pytest.mark.parametrize(
    ("board", "day", "sell_after"),
    [
        ("SSE.main", "1994-12-31", 0),
        ("SSE.main", "1995-01-01", 1),
        ("SSE.fund", "2024-01-02", 1),
        ("SSE.fund_abroad", "2015-01-16", 1),
        ("SSE.fund_abroad", "2015-01-19", 0),
        ("SSE.fund_gold", "2013-07-29", 0),
        ("SSE.fund_bond", "2024-01-02", 0),
        ("SZSE.convertible", "2024-01-02", 0),
        ("SSE.b", "2001-11-30", 0),
        ("SSE.b", "2001-12-01", 1),
        ("BSE.stock", "2021-11-15", 1),
    ],
)
def test_shares_wait_a_day_before_they_are_sold(board: str, day: str, sell_after: int) -> None:
    turnaround = rule_on(NAME, Turnaround, day, board, board.partition(".")[0])

    assert turnaround.sell_after == sell_after
    assert not turnaround.can_short


@pytest.mark.parametrize(
    ("board", "since", "ratio", "ticks"),
    [
        ("SSE.star", "2019-07-22", "0.02", 0),
        ("SZSE.chinext", "2020-08-24", "0.02", 0),
        ("BSE.stock", "2021-11-15", "0.05", 10),
        ("SSE.main", "2023-04-10", "0.02", 10),
        ("SZSE.main", "2023-04-10", "0.02", 10),
    ],
)
def test_the_price_cage_begins_on_its_day(board: str, since: str, ratio: str, ticks: int) -> None:
    (cage,) = packaged(NAME).entries["cage", board]

    assert isinstance(cage, Cage)
    assert (cage.since.isoformat(), cage.ratio, cage.ticks) == (since, Decimal(ratio), ticks)


@pytest.mark.parametrize(
    ("day", "month", "year", "longer"),
    [
        ("2005-06-12", "0.2", "0.2", "0.2"),
        ("2005-06-13", "0.1", "0.1", "0.1"),
        ("2012-12-31", "0.1", "0.1", "0.1"),
        ("2013-01-01", "0.2", "0.1", "0.05"),
        ("2015-09-07", "0.2", "0.1", "0.05"),
        ("2015-09-08", "0.2", "0.1", "0"),
    ],
)
def test_dividend_tax_changes_on_its_days(day: str, month: str, year: str, longer: str) -> None:
    tax = rule_on(NAME, DividendTax, day, "SSE.main")

    assert (tax.month, tax.year, tax.longer) == (Decimal(month), Decimal(year), Decimal(longer))


def test_a_commission_is_at_least_five_yuan_and_its_rate_a_default() -> None:
    fee = rule_on(NAME, Fee, "2024-01-02", "SSE")

    assert (fee.open.money, fee.minimum, fee.source) == (Decimal("0.0003"), Decimal(5), "default")


@pytest.mark.parametrize(
    ("code", "venue", "board"),
    [
        ("600519", "SSE", "SSE.main"),
        ("688981", "SSE", "SSE.star"),
        ("900901", "SSE", "SSE.b"),
        ("510300", "SSE", "SSE.fund"),
        ("510900", "SSE", "SSE.fund_abroad"),
        ("513100", "SSE", "SSE.fund_abroad"),
        ("511990", "SSE", "SSE.fund_bond"),
        ("518880", "SSE", "SSE.fund_gold"),
        ("588000", "SSE", "SSE.fund_star"),
        ("113050", "SSE", "SSE.convertible"),
        ("204001", "SSE", "SSE.repo"),
        ("000001", "SZSE", "SZSE.main"),
        ("300750", "SZSE", "SZSE.chinext"),
        ("159919", "SZSE", "SZSE.fund"),
        ("159915", "SZSE", "SZSE.fund_chinext"),
        ("159941", "SZSE", "SZSE.fund_abroad"),
        ("162411", "SZSE", "SZSE.fund_abroad"),
        ("159001", "SZSE", "SZSE.fund_bond"),
        ("123107", "SZSE", "SZSE.convertible"),
        ("131810", "SZSE", "SZSE.repo"),
        ("430047", "BSE", "BSE.stock"),
        ("920002", "BSE", "BSE.stock"),
    ],
)
def test_the_longest_prefix_tells_the_board(code: str, venue: str, board: str) -> None:
    assert board_of(NAME, code, venue) == board


@pytest.mark.parametrize("board", packaged(NAME).head.prefixes)
def test_every_board_has_its_rules_today(board: str) -> None:
    venue = board.partition(".")[0]

    for topic in (Grid, Hours, Limit, Fee, Tax, Transfer, Turnaround):
        assert rule_on(NAME, topic, "2026-09-01", board, venue).to is None
    assert rule_on(NAME, Grid, "2026-09-01", board).tick > 0
    assert (rule_on(NAME, Limit, "2026-09-01", board).ratio or 0) < 1


@needs_shared
@pytest.mark.parametrize(
    ("file", "board", "since"),
    [
        ("600000.SH", "SSE.main", "1999-11-10"),
        # Before its closing call, Shenzhen's close was an average that this file does not have.
        ("000002.SZ.unadj", "SZSE.main", "2006-07-03"),
    ],
)
def test_no_share_went_beyond_its_limit(file: str, board: str, since: str) -> None:
    bars = pq.read_table(SHARED / f"data/bars/cn_stock/{file}.1d.parquet").to_pydict()
    days = [at.date().isoformat() for at in bars["ts"]]
    at_limit = beyond = 0

    for day, before, high in zip(days[1:], bars["close"], bars["high"][1:], strict=False):
        if day >= since:
            # An ex-reference price is never above the close before it.
            ratio = rule_on(NAME, Limit, day, board).ratio or Decimal(0)
            top = (Decimal(str(before)) * (1 + ratio)).quantize(Decimal("0.01"), ROUND_HALF_UP)
            at_limit += Decimal(str(high)) == top
            beyond += Decimal(str(high)) > top

    assert (beyond, at_limit > 10) == (0, True)


@needs_shared
@pytest.mark.parametrize(
    ("file", "board"), [("600000.SH.trades.201902", "SSE"), ("000002.SZ.trades.201902", "SZSE")]
)
def test_nothing_trades_between_the_start_of_the_closing_call_and_its_end(
    file: str, board: str
) -> None:
    trades = pq.read_table(SHARED / f"data/ticks/cn_stock/{file}.parquet")
    hours = rule_on(NAME, Hours, "2019-02-11", f"{board}.main", board)

    moments = [at.astimezone(SHANGHAI).time() for at in trades["ts"].to_pylist() if at]

    assert CLOSING_CALL in hours.auctions
    assert [at for at in moments if time(14, 57, 5) < at < time(15, 0)] == []
