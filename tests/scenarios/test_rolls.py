"""A week of rebar over a roll from May to October, worked out by hand."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from quantloom.backtest import BacktestResult, backtest
from quantloom.market import Bars, Continuous, Leg, chain_contracts
from quantloom.strategy import Context, Strategy
from tests.library.backtest.builders import scripted
from tests.scenarios.market import Row, bars_at, buy

D = Decimal
MARCH, MAY, OCTOBER = "rb2403.SHFE", "rb2405.SHFE", "rb2410.SHFE"
CHAIN = "rb-MAIN.SHFE"
# Monday to Friday: open, high, low, close. October is held from Thursday; on Wednesday May closes
# at 3,700 and October at 3,650, so an old price times 3,650 / 3,700 is one of today.
OLD: dict[str, Row] = {
    "2024-03-04": (3700, 3710, 3690, 3700),
    "2024-03-05": (3700, 3720, 3690, 3710),
    "2024-03-06": (3710, 3720, 3690, 3700),
    "2024-03-07": (3690, 3700, 3680, 3690),
    "2024-03-08": (3690, 3700, 3680, 3690),
}
NEW: dict[str, Row] = {
    "2024-03-04": (3650, 3660, 3640, 3650),
    "2024-03-05": (3650, 3670, 3640, 3660),
    "2024-03-06": (3660, 3670, 3640, 3650),
    "2024-03-07": (3645, 3655, 3590, 3640),
    "2024-03-08": (3640, 3650, 3540, 3570),
}
OLD_SETTLED, NEW_SETTLED = [3700, 3710, 3705, 3690, 3690], [3650, 3660, 3655, 3640, 3580]
THURSDAY = date(2024, 3, 7)


def contract(symbol: str, rows: Mapping[str, Row], settled: Sequence[float]) -> Bars:
    return bars_at(symbol, rows, timeframe="1d", settlement=settled)


def rebar(new: Mapping[str, Row] = NEW, new_settled: Sequence[float] = NEW_SETTLED) -> Continuous:
    contracts = {
        MAY: contract(MAY, OLD, OLD_SETTLED),
        OCTOBER: contract(OCTOBER, new, new_settled),
    }
    return chain_contracts(contracts, roll=[Leg(MAY, date(2024, 3, 4)), Leg(OCTOBER, THURSDAY)])


class TwoLots(Strategy):
    """Buys two lots after Monday with a stop beside them, and writes down what lines show."""

    def initialize(self, ctx: Context) -> None:
        self.close, self.mean = ctx.line("close"), ctx.indicator("SMA", 2)
        self.seen: list[list[float]] = []

    def on_bar(self, ctx: Context, bar: Any) -> None:
        self.seen.append([self.close[-2], self.mean.value])
        if len(self.seen) == 1:
            ctx.buy(CHAIN, 2, tag="swing")
            ctx.sell(CHAIN, 2, stop=3600)

    def save_state(self) -> dict[str, Any]:
        return {"seen": self.seen[1:]}


@pytest.fixture(scope="module")
def week() -> BacktestResult:
    return backtest(TwoLots, rebar(), rules=True, slippage=1)


def test_a_week_over_a_roll(week: BacktestResult) -> None:
    # Tuesday: two lots of ten tons at 3,701, a tick over the open; fee 0.01 % of 74,020.
    # Thursday: May is left at its own open, 3,690 less a tick, and October entered at its open,
    # 3,645 and a tick. Friday: the stop, see below, fills a tick under 3,551.
    told = [*zip(week.fills["contract"], week.fills["cause"], week.fills["price"], strict=True)]
    assert told == [
        (MAY, "market", 3_701),
        (MAY, "roll", 3_689),
        (OCTOBER, "roll", 3_646),
        (OCTOBER, "stop", 3_550),
    ]
    fees = [D("7.402"), D("7.378"), D("7.292"), D("7.1")]
    assert week.fills["commission"].tolist() == fees
    # May lost 12 points of 20 tons, October 96.
    assert week.final_cash == week.final_equity == 100_000 - 240 - 1_920 - sum(fees)


def test_a_roll_closes_one_round_trip_and_begins_another(week: BacktestResult) -> None:
    first, second = week.round_trips.rows()

    assert (first["contract"], first["exit"], first["tag"]) == (MAY, "roll", "swing")
    assert (second["contract"], second["exit"], second["tag"]) == (OCTOBER, "stop", "swing")
    assert first["pnl"] == -240 - D("7.402") - D("7.378")
    assert second["pnl"] == -1_920 - D("7.292") - D("7.1")
    assert set(week.fills["symbol"]) == {CHAIN}


def test_each_day_is_settled_at_the_price_of_the_contract_held(week: BacktestResult) -> None:
    # Tuesday at May's 3,710, nine points of twenty tons; Wednesday five less, at 3,705. Thursday
    # May is left 16 points lower; October is settled at its 3,640, six under its entry.
    tuesday = 100_000 - 7.402 + 180
    thursday = tuesday - 100 - 320 - 7.378 - 7.292 - 120
    assert week.equity["cash"].tolist()[1:4] == pytest.approx([tuesday, tuesday - 100, thursday])


def test_equity_before_a_roll_is_of_the_old_contract(week: BacktestResult) -> None:
    # Wednesday's close of 3,700 is a point under the entry, Thursday's 3,640 six.
    wednesday = 100_000 - 7.402 - 20
    thursday = 100_000 - 240 - 7.402 - 7.378 - 7.292 - 120
    assert week.equity["equity"].tolist()[2:4] == pytest.approx([wednesday, thursday])


def test_an_average_does_not_jump_at_a_roll(week: BacktestResult) -> None:
    seen = week.state["seen"]

    # Wednesday: May's 3,710 and 3,700. Thursday: 3,700 is 3,650 of October's, and 3,640.
    assert seen[1] == [3710, 3705]
    assert seen[2] == pytest.approx([3650, 3645])


def test_a_stop_is_carried_over_a_roll(week: BacktestResult) -> None:
    # 3,600 of May is 3,551.35 of October, a tick down for the seller. October's 3,590 on Thursday
    # would have met the old price; Friday's 3,540 meets the new one.
    assert week.orders["stop"].tolist()[1] == 3_551
    assert week.fills["ts_ns"].tolist()[-1] == week.bars.ts[-1]


def test_limits_after_a_roll_are_those_of_the_new_contract() -> None:
    # October is far from May: 4,300 against May's settlement of 3,705 is beyond any limit.
    rows = dict.fromkeys(NEW, (4300.0, 4310.0, 4290.0, 4300.0))

    result = backtest(TwoLots, rebar(rows, [4300] * 5), rules=True)

    assert result.rules is not None
    assert result.rules.unlimited == {}
    assert [*result.positions["contract"]] == [OCTOBER]
    assert result.positions["average_price"].tolist() == [4_300]


def test_a_roll_without_margin_for_the_new_contract_closes_the_old() -> None:
    # 7 % of two lots at 3,700 is 5,180, and 5,400 pay for it. October at 4,300 asks for 6,020, one
    # lot for 3,010.
    rows = dict.fromkeys(NEW, (4300.0, 4310.0, 4290.0, 4300.0))

    result = backtest(TwoLots, rebar(rows, [4300] * 5), rules=True, cash=5_400)

    assert result.orders["rule"].tolist()[-1] == "trimmed"
    assert result.positions["quantity"].tolist() == [1]


def flat(symbol: str, days: Sequence[str], price: float, settled: Sequence[float]) -> Bars:
    return contract(symbol, dict.fromkeys(days, (price,) * 4), settled)


def test_a_contract_that_ends_before_its_roll_is_closed_and_the_next_one_is_traded() -> None:
    # The 15th is the last day of IF2403; the calendar of the run says to hold IF2404 from the 18th.
    march, april, chain = "IF2403.CFFEX", "IF2404.CFFEX", "IF-MAIN.CFFEX"
    days = ("2024-03-13", "2024-03-14", "2024-03-15", "2024-03-18", "2024-03-19")
    contracts = {
        march: flat(march, days[:3], 3500, [3500, 3500, 3520]),
        april: flat(april, days, 3500, [3500] * 5),
    }
    legs = [Leg(march, date(2024, 3, 13)), Leg(april, date(2024, 3, 18))]
    series = chain_contracts(contracts, roll=legs)

    script = {0: buy(chain, 1), 3: buy(chain, 1)}
    result = backtest(scripted(script), series, rules=True, cash=1_000_000)

    told = [*zip(result.fills["contract"], result.fills["cause"], strict=True)]
    assert told == [(march, "market"), (march, "expiry"), (april, "market")]
    assert result.fills["price"].tolist() == [3_500, 3_520, 3_500]


def test_a_series_is_left_where_natural_persons_must_be_flat() -> None:
    # That is five trading days before the last of rb2403, Friday the 8th; this calendar rolls on
    # Tuesday the 12th.
    days = ("2024-03-07", "2024-03-08", "2024-03-11", "2024-03-12")
    contracts = {
        MARCH: flat(MARCH, days, 3700, [3700] * 4),
        MAY: flat(MAY, days, 3700, [3700] * 4),
    }
    legs = [Leg(MARCH, date(2024, 3, 7)), Leg(MAY, date(2024, 3, 12))]

    series = chain_contracts(contracts, roll=legs)
    result = backtest(scripted({0: buy(CHAIN, 1)}), series, rules=True)

    told = [*zip(result.fills["contract"], result.fills["cause"], strict=True)]
    assert told == [(MARCH, "market"), (MARCH, "delivery")]
