import math
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from quantloom.backtest import RulesSetting, RuleUse, Table, backtest
from quantloom.data import random_walk
from quantloom.market import Bar, get_calendar
from quantloom.performance import METRICS
from quantloom.report import formats, notes, tables, trips
from quantloom.report.formats import LocalClock
from quantloom.report.texts import LANGUAGES, TEXTS, Words
from quantloom.strategy import Context, Strategy
from quantloom.trading import CarryRates, Commission, Rate, RoutingOptions
from tests.library.report.runs import SYMBOLS, Flip, Greedy, Hold, Idle, Swing, rove, run

EN = Words("en")
DAY_NS = 86_400 * 10**9
DAYS = LocalClock(None, has_seconds=False)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234567.891, "1,234,567.89"),
        (-0.5, "\N{MINUS SIGN}0.50"),
        (-0.001, "0.00"),
        (math.nan, "\N{EN DASH}"),
        (math.inf, "\N{INFINITY}"),
        (Decimal("12.345"), "12.34"),
    ],
)
def test_numbers_are_grouped_signed_and_never_a_negative_zero(
    value: float | Decimal, text: str
) -> None:
    assert formats.fixed(value) == text


def test_exact_numbers_keep_their_digits_and_lose_their_zeros() -> None:
    assert formats.plain(Decimal("1000.2500")) == "1,000.25"
    assert formats.plain(Decimal("1E+3")) == "1,000"
    assert formats.exact_percent(Decimal("0.000230")) == "0.023%"
    assert formats.decimals_of(Decimal("0.050")) == 2
    assert formats.decimals_of(Decimal(10)) == 0


@pytest.mark.parametrize(
    ("seconds", "text"), [(90, "2 min"), (7_200, "2.0 h"), (172_800, "2 d"), (864_000, "10 d")]
)
def test_holding_times_are_told_in_the_unit_that_fits(seconds: int, text: str) -> None:
    assert formats.held(seconds * 1_000_000_000, EN) == text


def test_days_are_whole_or_as_fine_as_they_are_short() -> None:
    shown = [formats.by_unit(days, "days") for days in (5.0, 5.25, 0.00486, math.nan)]

    assert shown == ["5", "5.2", "0.0049", "\N{EN DASH}"]


def test_the_headline_shows_what_the_measures_say() -> None:
    result = run(Swing)

    figures = {figure.label: figure for figure in tables.headline(result, EN)}

    total = figures[METRICS["total_return"].label_en]
    assert total.text == formats.percent(result.metrics.total_return)
    assert total.style == ("up" if result.metrics.total_return > 0 else "down")
    assert figures[METRICS["final_equity"].label_en].unit == "USD"


def test_every_measure_is_listed_with_its_meaning() -> None:
    rows = tables.metrics_sheet(run(Flip), EN).rows

    meanings = zip(rows, METRICS.values(), strict=True)
    assert [row[0].text for row in rows] == [metric.label_en for metric in METRICS.values()]
    assert all(row[2].text.startswith(metric.meaning_en) for row, metric in meanings)


def test_a_measure_without_a_value_is_a_dash_and_says_why() -> None:
    result = run(Idle)

    shown = {row[0].text: row for row in tables.metrics_sheet(result, EN).rows}
    figures = {figure.label: figure for figure in tables.headline(result, EN)}

    label = METRICS["win_rate"].label_en
    assert (shown[label][1].text, figures[label].text) == ("\N{EN DASH}", "\N{EN DASH}")
    assert shown[label][2].text.endswith("No value: there are no round trips.")


def test_round_trips_come_newest_first_and_colour_follows_the_sign() -> None:
    result = run(Flip)

    sheet = trips.round_trips_sheet(result, EN, DAYS)

    profit = list(sheet.heads).index("Profit")
    shown = [row[profit].value for row in sheet.rows]
    last = result.round_trips.floats("pnl")[: -trips.STATIC_TRIPS - 1 : -1]
    assert shown == last.round(2).tolist()
    assert {row[profit].style for row in sheet.rows if (row[profit].value or 0) < 0} == {"down"}
    assert sheet.numeric[profit]
    assert sheet.heads[-1] == "Tag"


def test_a_run_without_tags_has_no_column_for_them() -> None:
    assert "Tag" not in trips.round_trips_sheet(run(Swing), EN, DAYS).heads


def test_months_are_shaded_by_size_and_the_year_stands_last() -> None:
    result = run(Hold, bars=400)

    sheet = tables.monthly_sheet(result, EN)

    assert [row[0].text for row in sheet.rows] == ["2021", "2020"]
    months = [cell for row in sheet.rows for cell in row[1:13]]
    assert max(cell.shade for cell in months) == 1.0
    assert months[11].text == ""
    assert sheet.rows[1][13].text.endswith("%")


def test_costs_lead_from_gross_profit_to_net_profit() -> None:
    result = run(Swing)

    amounts = [row[1].text for row in tables.costs_sheet(result, EN).rows]

    metrics = result.metrics
    gross = metrics.net_profit + metrics.commission + metrics.slippage
    assert amounts[0] == formats.fixed(gross)
    assert amounts[-2] == formats.fixed(metrics.net_profit)
    twice = metrics.net_profit - metrics.commission - metrics.slippage
    assert amounts[-1] == formats.fixed(twice)


def test_costs_have_no_share_of_a_gross_loss() -> None:
    measured = replace(run(Idle).metrics, net_profit=-200.0, commission=90.0)

    rows = tables.costs_sheet(replace(run(Idle), metrics=measured), EN).rows

    assert {row[2].text for row in rows} == {"\N{EN DASH}"}


def test_costs_have_a_share_of_a_gross_profit() -> None:
    measured = replace(run(Idle).metrics, net_profit=-20.0, commission=90.0, slippage=30.0)

    rows = tables.costs_sheet(replace(run(Idle), metrics=measured), EN).rows

    assert [row[2].text for row in rows] == [
        "100.0%",
        "90.0%",
        "30.0%",
        "120.0%",
        "\N{MINUS SIGN}20.0%",
        "\N{EN DASH}",
    ]


def test_the_deepest_fall_is_the_maximum_drawdown() -> None:
    result = run(Hold)

    first = tables.drawdowns_sheet(result, EN).rows[0]

    assert first[0].value == -result.metrics.max_drawdown_ratio
    assert first[4].value == result.metrics.max_drawdown_days


def test_refused_orders_beyond_the_limit_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_ROWS", 5)

    sheet = tables.refused_sheet(run(Greedy, bars=30), EN, DAYS)

    assert len(sheet.rows) == 5
    assert sheet.total == 29
    assert [row[0].text for row in sheet.rows] == ["29", "28", "27", "26", "25"]


def test_findings_tell_the_diagnosis_and_what_was_assumed() -> None:
    result = run(Swing, commission=0.0)

    told = [found.text for found in notes.findings(result, EN)]

    assert [found.text_en for found in result.diagnostics if found.text_en not in told] == []
    assert any("DEMO.LOCAL are assumed" in text for text in told)


def test_a_few_refused_orders_are_told_where_the_diagnosis_is_silent() -> None:
    result = rove()
    few = replace(result, orders=_with_status(result.orders, "rejected", rows=2))

    told = [found.text for found in notes.findings(few, EN)]

    assert any(text.startswith("2 of") and "reasons are below" in text for text in told)


def test_a_span_past_the_known_holidays_is_told() -> None:
    result = run(Idle)
    american = replace(result.spec.instrument, calendar="us_stock")
    known = replace(result, spec=replace(result.spec, instruments=(american,)))
    later = replace(known.bars, ts=known.bars.ts + 6 * 365 * DAY_NS)
    reaching = replace(known, data={later.symbol: later})

    told = [
        any("holidays" in found.text for found in notes.findings(one, EN))
        for one in (known, reaching)
    ]

    assert told == [False, True]


@pytest.mark.parametrize(
    ("participation", "words"),
    [("0.25", "at most 25% of a bar's volume"), (None, "fill whole however large")],
)
def test_assumptions_state_how_much_of_the_volume_fills(
    participation: str | None, words: str
) -> None:
    share = None if participation is None else Decimal(participation)
    idle = run(Idle)

    asked = replace(idle, spec=replace(idle.spec, participation=share))

    facts = notes.assumptions(asked, EN, get_calendar("24x7"))

    assert any(words in sentence for _, sentence in facts)


def test_assumptions_state_every_rate_of_the_commission() -> None:
    scheme = Commission(
        open=Rate(by_money=Decimal("0.0001")),
        close=Rate(by_unit=Decimal(3)),
        close_today=Rate(),
        minimum=Decimal(5),
        sell_tax=Decimal("0.0005"),
        transfer=Decimal("0.00001"),
    )

    assert list(notes._commission(scheme, EN)) == [
        "opening 0.01% of value",
        "closing 3 a unit",
        "closing the same day nothing",
        "at least 5 an order",
        "duty on sales 0.05%",
        "transfer fee 0.001%",
    ]


def test_traded_value_is_told_beside_the_costs() -> None:
    result = run(Swing)
    fills = result.fills
    notional = float(np.sum(fills.floats("quantity") * fills.floats("price")))

    assert formats.fixed(notional, 0) in notes.turnover_note(result, EN)
    assert notes.turnover_note(run(Idle), EN) == ""


def test_round_trips_are_taken_apart_by_what_tells_them_apart() -> None:
    titles = [group.title for group in tables.group_sheets(rove(), EN)]

    assert titles == [TEXTS[f"group.{by}"].en for by in ("side", "symbol", "tag")]


def test_a_tag_for_each_trip_makes_no_group_for_each() -> None:
    result = rove()
    tags = np.array([str(place) for place in range(len(result.round_trips))], dtype=object)
    named = Table({**dict(result.round_trips.items()), "tag": tags})

    titles = [group.title for group in tables.group_sheets(replace(result, round_trips=named), EN)]

    assert len(tags) > tables.MAX_GROUPS
    assert TEXTS["group.tag"].en not in titles


def test_a_trip_shows_its_excursions_and_what_closed_it_in_the_readers_language() -> None:
    sheet = trips.round_trips_sheet(run(Swing), Words("zh"), DAYS)

    row = dict(zip(sheet.heads, sheet.rows[0], strict=True))

    assert row[TEXTS["head.closed_by"].zh].text == TEXTS["exit.market"].zh
    assert (row[TEXTS["head.adverse"].zh].value or 0) <= 0


def test_payments_are_summed_by_kind_and_listed_but_for_daily_interest() -> None:
    result = replace(
        run(Swing),
        payments=paid(
            (1, "interest", "", "0.50"),
            (1, "dividend", "A.LOCAL", "200.00"),
            (2, "interest", "", "0.25"),
            (3, "dividend_tax", "A.LOCAL", "-40.00"),
        ),
    )

    sums = tables.payments_sheet(result, EN).rows
    listed = tables.payment_list_sheet(result, EN, DAYS)

    assert [[cell.text for cell in row] for row in sums] == [
        ["interest on cash", "\N{EN DASH}", "2", "0.75"],
        ["dividend", "A.LOCAL", "1", "200.00"],
        ["dividend tax at the sale", "A.LOCAL", "1", "\N{MINUS SIGN}40.00"],
    ]
    assert [row[1].text for row in listed.rows] == ["dividend tax at the sale", "dividend"]
    assert listed.rows[0][3].style == "down"


def test_a_run_that_was_paid_nothing_has_no_payments() -> None:
    result = run(Swing)

    assert not tables.payments_sheet(result, EN).rows
    assert not tables.payment_list_sheet(result, EN, DAYS).rows


def test_round_trips_and_positions_of_a_series_tell_their_contract() -> None:
    result = run(Hold)
    held = {**dict(result.positions.items()), "contract": np.array(["rb2410.SHFE"], dtype=object)}
    swung = run(Swing)
    trips_of = {
        **dict(swung.round_trips.items()),
        "contract": np.array(["rb2405.SHFE"] * len(swung.round_trips), dtype=object),
    }

    positions = tables.positions_sheet(replace(result, positions=Table(held)), EN)
    sheet = trips.round_trips_sheet(replace(swung, round_trips=Table(trips_of)), EN, DAYS)

    assert positions.rows[0][0].text == "rb2410.SHFE"
    assert dict(zip(sheet.heads, sheet.rows[0], strict=True))["Contract"].text == "rb2405.SHFE"


def test_latency_and_every_instrument_are_among_the_assumptions() -> None:
    result = rove()
    late = replace(result, spec=replace(result.spec, latency=2))

    facts = dict(notes.assumptions(late, EN, get_calendar("24x7")))

    assert "arrive 2 bar(s) late" in facts["Liquidity"]
    assert [line.split(":")[0] for line in facts["Instrument"].split("\n")] == list(SYMBOLS)


def test_what_few_runs_ask_for_is_among_the_assumptions_of_those_that_do() -> None:
    result = run(Idle)
    asked = replace(
        result.spec,
        rules=RulesSetting("v1", margin_addon=Decimal("0.03"), offsets=RoutingOptions()),
        carry=CarryRates(interest=Decimal("0.02")),
        currency="CNY",
        fx_cost=Decimal("0.0001"),
    )

    plain = dict(notes.assumptions(result, EN, get_calendar("24x7")))
    facts = dict(notes.assumptions(replace(result, spec=asked), EN, get_calendar("24x7")))

    assert "3% of value more for the broker" in facts["Margin"]
    assert "without locks" in facts["Opening and closing"]
    assert facts["Interest a year"] == "2% earned on cash, 0% paid on what is borrowed"
    assert "in CNY; an exchange costs 0.01%" in facts["Currency"]
    assert not {"Opening and closing", "Interest a year", "Currency"} & plain.keys()


def test_rules_are_named_in_the_readers_language() -> None:
    use = rules_of(assumed=("fee of 600000.SSE",), uncovered=("every rule of X.LOCAL",))
    result = replace(run(Idle), rules=use)

    told = [found.text for found in notes.findings(result, Words("zh"))]

    assert any("600000.SSE 的手续费" in text for text in told)
    assert any("X.LOCAL 的全部规则" in text for text in told)


def test_terms_that_the_rule_book_gives_are_not_told_as_assumed() -> None:
    result = run(Idle)
    symbol = result.spec.instrument.symbol
    assumed = EN("warn.default_instrument", symbol=symbol)
    known = replace(result, rules=rules_of())
    unknown = replace(result, rules=rules_of(uncovered=(f"every rule of {symbol}",)))

    told = [
        assumed in [found.text for found in notes.findings(one, EN)]
        for one in (result, known, unknown)
    ]

    assert told == [True, False, True]


def rules_of(*, assumed: tuple[str, ...] = (), uncovered: tuple[str, ...] = ()) -> RuleUse:
    return RuleUse(
        version="v1",
        overlays=(),
        assumed=assumed,
        carried=(),
        estimated=(),
        unlimited={},
        uncovered=uncovered,
    )


def test_payments_stand_between_gross_and_net_profit() -> None:
    plain = run(Swing)
    payments = paid((1, "funding", "A.LOCAL", "-30.00"), (2, "rights", "A.LOCAL", "-500.00"))

    before, after = (
        {row[0].text: amount_of(row[1]) for row in tables.costs_sheet(one, EN).rows}
        for one in (plain, replace(plain, payments=payments))
    )

    gross, told = EN("cost.gross"), EN("cost.payments")
    # What rights cost is in the shares that they bought; funding is gone.
    assert after[told] == -30
    assert after[gross] == pytest.approx(before[gross] + 30, abs=0.02)
    assert after.keys() - before.keys() == {told}


def amount_of(cell: tables.Cell) -> float:
    return float(cell.text.replace(",", "").replace("\N{MINUS SIGN}", "-"))


def paid(*rows: tuple[int, str, str, str]) -> Table:
    days, kinds, symbols, amounts = zip(*rows, strict=True)
    return Table(
        {
            "ts_ns": np.array(days) * DAY_NS,
            "kind": np.array(kinds, dtype=object),
            "symbol": np.array(symbols, dtype=object),
            "amount": np.array([Decimal(amount) for amount in amounts], dtype=object),
        }
    )


def _with_status(orders: Table, status: str, *, rows: int) -> Table:
    changed = np.array(orders["status"], dtype=object)
    changed[:] = "filled"
    changed[:rows] = status
    return Table({**dict(orders.items()), "status": changed})


def test_what_made_the_run_is_told_in_words() -> None:
    result = rove()
    for executor in ("event", "compiled", "vectorised", "portfolio", "ticks", "ticks-compiled"):
        for language in LANGUAGES:
            words = Words(language)
            made = replace(result, executor=executor)
            facts = dict(notes.assumptions(made, words, get_calendar("24x7")))
            told = words(f"executor.{executor.replace('-', '_')}")
            assert facts[words("fact.executor")] == told


class HoldAll(Strategy):
    """Buys each instrument once."""

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if ctx.position_of(bar.symbol).is_flat:
            ctx.buy(bar.symbol)


def test_what_is_held_beyond_its_bars_is_a_warning() -> None:
    long, short = random_walk(60, seed=1, timeframe="1d"), random_walk(20, seed=2, timeframe="1d")
    data = {"A.LOCAL": replace(long, symbol="A.LOCAL"), "B.LOCAL": replace(short, symbol="B.LOCAL")}

    result = backtest(HoldAll, data, size=1, trials=False, audit=False, participation=None)
    whole = backtest(HoldAll, {"A.LOCAL": data["A.LOCAL"]}, size=1, trials=False, audit=False)

    last = str(short.ts[-1].astype("datetime64[ns]"))[:10]
    told = [one.text for one in notes.findings(result, EN) if one.severity == "warning"]
    assert any(f"B.LOCAL ({last})" in text and "could not be sold" in text for text in told)
    assert not any("could not be sold" in one.text for one in notes.findings(whole, EN))
