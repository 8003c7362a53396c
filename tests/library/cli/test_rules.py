"""`quantloom rules`, as a trader types it."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from quantloom.cli.rule_coverage import LETTERS, WIDTH, Line, Span, picture
from quantloom.cli.rule_sheet import GROUPS
from quantloom.cli.rule_words import Terms, in_words, terms_of
from quantloom.market.rulebook import TOPICS, Covered, Entry, Standing, Subject, rule_book
from quantloom.market.rulebook.topics import (
    Cage,
    Closing,
    DividendTax,
    Fee,
    Grid,
    Hours,
    Limit,
    MakerTaker,
    Margin,
    Rate,
    Tax,
    Transfer,
    Turnaround,
)
from tests.library.cli.conftest import Cli
from tests.library.market.rulebook.rule_texts import FIRST_ENTRY, entry, rule_text

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
LOTS = Terms("lot", "CNY", {})
SINCE: dict[str, Any] = {"of": ("x",), "since": date(2024, 1, 1), "source": "default"}
MY_FEE = entry("fee", "open = { unit = 3 }", "close = { unit = 3 }")


def money(text: str) -> Rate:
    return Rate(money=Decimal(text))


def per_lot(text: str) -> Rate:
    return Rate(unit=Decimal(text))


@pytest.fixture
def my_fees(tmp_path: Path) -> Path:
    path = tmp_path / "my.toml"
    path.write_text(rule_text(MY_FEE), encoding="utf-8")
    return path


# In words


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        pytest.param(
            Fee(open=money("0.0001"), close=money("0.0001"), **SINCE),
            ["0.01 % of money to open and to close"],
            id="one rate",
        ),
        pytest.param(
            Fee(open=per_lot("3"), close=per_lot("3"), close_today=per_lot("0"), **SINCE),
            ["3 CNY a lot to open and to close", "nothing to close what was opened today"],
            id="free today",
        ),
        pytest.param(
            Fee(open=Rate(Decimal("0.00002"), Decimal("0.5")), close=money("0"), **SINCE),
            ["0.002 % of money and 0.5 CNY a lot to open, nothing to close"],
            id="both",
        ),
        pytest.param(
            Fee(open=money("0.0003"), close=money("0.0003"), minimum=Decimal(5), **SINCE),
            ["0.03 % of money to open and to close", "at least 5 CNY an order"],
            id="minimum",
        ),
        pytest.param(
            MakerTaker(maker=Decimal("-0.0001"), taker=Decimal("0.0004"), **SINCE),
            ["tier 0: maker a rebate of 0.01 %, taker 0.04 % of money"],
            id="rebate",
        ),
        pytest.param(
            Margin(long=Decimal("0.1"), short=Decimal("0.12"), base="price", **SINCE),
            [
                "10 % of value long, 12 % short",
                "today's lots by their last price, older ones by the last settlement price",
            ],
            id="margin by side",
        ),
        pytest.param(
            Limit(ratio=Decimal("0.1"), widened=(Decimal("0.13"), Decimal("0.15")), **SINCE),
            [
                "10 % either way from the last close, ex rights",
                "13 % after a day that ended at its limit",
                "15 % after 2 of them",
            ],
            id="widened",
        ),
        pytest.param(Limit(**SINCE), ["no price limit"], id="no limit"),
        pytest.param(Tax(sell=Decimal("0.0005"), **SINCE), ["stamp duty 0.05 % of money on sells"]),
        pytest.param(
            Tax(buy=Decimal("0.003"), sell=Decimal("0.003"), **SINCE),
            ["stamp duty 0.3 % of money on both sides"],
        ),
        pytest.param(Tax(**SINCE), ["no stamp duty"]),
        pytest.param(
            Transfer(face=Decimal("0.001"), **SINCE), ["transfer fee 0.1 % of face value"]
        ),
        pytest.param(
            DividendTax(month=Decimal("0.2"), year=Decimal("0.1"), longer=Decimal(0), **SINCE),
            ["dividends 20 % if held up to a month, 10 % up to a year, 0 % longer"],
        ),
        pytest.param(
            Cage(ratio=Decimal("0.02"), ticks=10, **SINCE),
            ["a limit order lies at most 2 % beyond the best price, or 10 ticks if that is more"],
        ),
        pytest.param(
            Closing(buckets=False, consumes="today", fee_of="today_first", **SINCE),
            ["a plain close takes today's lots first", "and pays as if today's had gone first"],
        ),
        pytest.param(
            Turnaround(sell_after=1, cash_after=2, can_short=False, **SINCE),
            [
                "what was bought may be sold a trading day later (T+1)",
                "the money of a sale may leave the account 2 trading days later (T+2)",
                "no short sales",
            ],
        ),
        pytest.param(
            Hours(day=("09:30-11:30", "13:00-15:00"), **SINCE),
            ["09:30-11:30, 13:00-15:00", "no night session"],
        ),
        pytest.param(
            Grid(tick=Decimal("0.20"), step=Decimal(100), maximum=Decimal("1E+6"), **SINCE),
            [
                "prices in steps of 0.2 CNY",
                "quantities in steps of 100 lots",
                "a limit order at most 1,000,000 lots",
            ],
        ),
    ],
)
def test_a_rule_is_said_as_a_trader_says_it(rule: Entry, words: list[str]) -> None:
    assert in_words(rule, LOTS) == words


def test_every_packaged_rule_can_be_said() -> None:
    told = {
        part
        for file in rule_book().files()
        for entries in file.entries.values()
        for rule in entries
        for part in ["; ".join(in_words(rule, LOTS))]
    }

    assert "" not in told
    assert [text for text in told if re.search(r"None|Decimal|_|E[+-]\d", text)] == []


@pytest.mark.parametrize(
    ("scopes", "venue", "expected"),
    [
        (("rb", "SHFE"), "SHFE", ("lot", "CNY")),
        (("SSE.main", "SSE"), "SSE", ("share", "CNY")),
        (("SSE.b", "SSE"), "SSE", ("share", "USD")),
        (("SZSE.b", "SZSE"), "SZSE", ("share", "HKD")),
        (("ETH-BTC.OKX", "spot"), "OKX", ("coin", "BTC")),
        (("BTC-USDC-PERP.OKX", "perpetual"), "OKX", ("contract", "USDC")),
        (("OKX.inverse", "OKX", "inverse"), "OKX", ("contract", "USD")),
    ],
)
def test_amounts_are_in_the_instruments_own_money_and_unit(
    scopes: tuple[str, ...], venue: str, expected: tuple[str, str]
) -> None:
    terms = terms_of(Subject(scopes[0], venue, "", scopes, ()), "CNY")

    assert (terms.unit, terms.currency) == expected


def test_each_topic_has_one_group() -> None:
    assert sorted(topic for topics in GROUPS.values() for topic in topics) == sorted(TOPICS)


# Show


def test_a_contract_shows_the_rules_of_its_product_by_group(cli: Cli) -> None:
    shown = cli("rules", "show", "rb2410.SHFE", "--on", "2024-03-01").out

    groups = re.findall(r"^([a-z]+) {2,}", shown, re.MULTILINE)
    assert groups == [
        *("grid", "hours", "limit", "margin", "fees", "closing", "settlement", "delivery")
    ]
    assert shown.startswith("rb2410.SHFE 螺纹 on 2024-03-01\n")
    assert "0.01 % of money to open and to close" in shown
    assert "of rb, carried since 2022-04-15 [1]" in shown
    assert "[1]  WonderTrader (MIT)" in shown
    # Tuesday the 15th, the week after the holidays.
    assert "last trading day 2024-10-15 (15th)" in shown
    assert max(map(len, shown.splitlines())) <= WIDTH


def test_a_narrow_terminal_breaks_lines_earlier(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")

    shown = cli("rules", "show", "rb2410.SHFE", "--on", "2024-03-01").out

    told = [line for line in shown.splitlines() if line.startswith(" " * 12) and "[" not in line]
    assert max(map(len, told)) <= 60


@pytest.mark.parametrize("spelling", ["rb2410", "RB2410", "SHFE.rb2410", "rb2410.SHF"])
def test_any_spelling_shows_the_same_rules(cli: Cli, spelling: str) -> None:
    plain = cli("rules", "show", "rb2410.SHFE", "--on", "2024-03-01", "--json").json
    found = cli("rules", "show", spelling, "--on", "2024-03-01", "--json").json

    assert found | {"note": ""} == plain | {"note": ""}


def test_a_month_of_three_digits_is_read_by_the_day_asked_about(cli: Cli) -> None:
    shown = cli("rules", "show", "TA501", "--on", "2024-11-01").out

    assert shown.startswith("TA2501.CZCE PTA on 2024-11-01\nnote: TA501 taken for the contract")


def test_today_is_asked_about_by_default_and_an_ended_contract_says_so(cli: Cli) -> None:
    shown = cli("rules", "show", "rb2010.SHFE")

    assert shown.out.startswith(f"rb2010.SHFE 螺纹 on {date.today()}")  # noqa: DTZ011  a local day
    assert "it was traded until 2020-10-15" in shown.out


def test_a_share_shows_its_boards_rules_and_the_taxes(cli: Cli) -> None:
    found = cli("rules", "show", "688981", "--on", "2024-03-01", "--json").json

    by_topic = {rule["topic"]: rule for rule in found["rules"]}
    assert (found["name"], found["last_trading_day"]) == ("科创板", None)
    assert by_topic["limit"]["scope"] == "SSE.star"
    assert by_topic["tax"]["words"] == ["stamp duty 0.05 % of money on sells"]
    assert (by_topic["fee"]["standing"], by_topic["fee"]["source"]) == ("assumed", None)
    assert by_topic["tax"]["fields"] == {"buy": 0, "sell": 0.0005}


def test_tiers_are_shown_from_the_first_one(cli: Cli) -> None:
    found = cli("rules", "show", "BTC-USDT-PERP.BINANCE", "--on", "2026-10-01", "--json").json

    tiers = [rule["fields"]["tier"] for rule in found["rules"] if rule["topic"] == "maker_taker"]
    assert tiers == sorted(tiers)
    assert len(tiers) > 1


def test_a_day_without_a_night_session_is_told(cli: Cli) -> None:
    told = "no night session before this trading day"

    # All exchanges went without nights from 2020-02-03 to 2020-05-06.
    assert told in cli("rules", "show", "rb2010.SHFE", "--on", "2020-03-02").out
    assert told not in cli("rules", "show", "rb2010.SHFE", "--on", "2020-06-01").out


def test_margin_steps_come_with_their_days(cli: Cli) -> None:
    found = cli("rules", "show", "rb2410.SHFE", "--on", "2024-03-01", "--json").json

    assert found["last_trading_day"] == "2024-10-15"
    # September began on a Sunday, and the 7th of October was the last day of a week off.
    assert found["delivery_days"]["1st_trading_day_of_previous_month"] == "2024-09-02"
    assert found["delivery_days"]["1st_trading_day"] == "2024-10-08"


def test_an_overlay_is_shown_as_yours(cli: Cli, my_fees: Path) -> None:
    shown = cli("rules", "show", "rb2410.SHFE", "--on", "2024-03-01", "--overlay", my_fees)

    assert "3 CNY a lot to open and to close" in shown.out
    assert "2024-01-01 on, of rb, yours, my.toml" in shown.out
    assert ", with my.toml" in shown.out


def test_the_last_overlay_goes_first(cli: Cli, my_fees: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(rule_text(MY_FEE.replace("3", "7")), encoding="utf-8")
    base = ("rules", "show", "rb2410.SHFE", "--on", "2024-03-01", "--overlay")

    assert "7 CNY a lot" in cli(*base, my_fees, "--overlay", other).out
    assert "3 CNY a lot" in cli(*base, other, "--overlay", my_fees).out


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("CL2501.CME",), 3, "says nothing of CL2501.CME; `quantloom rules coverage`"),
        (("rb2410.SHFE", "--on", "2001-01-01"), 3, "its first rule is of 2013-01-01"),
        (("nobody",), 3, "no known symbol"),
        (("rb2410.SHFE", "--on", "1 March"), 2, "write it like 2024-03-01"),
        (("rb2410.SHFE", "--overlay", "none.toml"), 3, "no rule file at none.toml"),
        (("rb2410.SHFE", "--overlay", "."), 3, "no rule file at ."),
    ],
)
def test_what_cannot_be_shown_is_told(
    cli: Cli, arguments: tuple[str, ...], code: int, told: str
) -> None:
    outcome = cli("rules", "show", *arguments)

    assert (outcome.code, outcome.out) == (code, "")
    assert told in outcome.err


def test_a_bad_overlay_is_told_with_its_line(cli: Cli, my_fees: Path) -> None:
    my_fees.write_text(rule_text(MY_FEE.replace("unit", "units", 1)), encoding="utf-8")

    outcome = cli("rules", "show", "rb2410.SHFE", "--overlay", my_fees)

    assert outcome.code == 2
    assert outcome.err.startswith(f"error: my.toml:{FIRST_ENTRY}: ")


def test_an_overlay_may_be_all_that_is_known(cli: Cli, my_fees: Path) -> None:
    my_fees.write_text(rule_text(MY_FEE.replace('"rb"', '"CME"')), encoding="utf-8")

    found = cli("rules", "show", "CL2501.CME", "--overlay", my_fees, "--json").json

    assert [(rule["topic"], rule["standing"]) for rule in found["rules"]] == [("fee", "yours")]


# Coverage


def test_all_venues_are_counted(cli: Cli) -> None:
    found = cli("rules", "coverage", "--on", "2024-03-01", "--json").json
    shown = cli("rules", "coverage", "--on", "2024-03-01").out

    venues = {subject["venue"] for subject in found["subjects"]}
    assert all(venue in shown for venue in venues)
    topics = [topic for subject in found["subjects"] for topic in subject["topics"].values()]
    assert sum(found["counts"].values()) == len(topics)
    for name, count in found["counts"].items():
        assert sum(topic["standing"] == name for topic in topics) == count


def test_a_venue_shows_a_letter_for_each_product_and_topic(cli: Cli) -> None:
    shown = cli("rules", "coverage", "SHFE", "--on", "2024-03-01").out

    (row,) = [line for line in shown.splitlines() if "│ rb " in line]
    rules = cli("rules", "show", "rb-MAIN.SHFE", "--on", "2024-03-01", "--json").json["rules"]
    standings = {rule["topic"]: Standing(rule["standing"]) for rule in rules}
    product = ("grid", "hours", "limit", "fee", "margin", "closing", "settlement", "delivery")
    assert re.findall(r"│ ([KYca.]) ", row) == [LETTERS[standings[topic]] for topic in product]
    assert "K known" in shown


def test_a_topic_of_a_venue_is_a_line_through_the_years_for_each_product(cli: Cli) -> None:
    shown = cli("rules", "coverage", "DCE", "--topic", "fee", "--on", "2026-06-30").out

    heading, *rows = shown.splitlines()
    products = [row.split()[0] for row in rows[:-2]]
    assert {"a", "i", "m", "lh"} <= set(products)
    assert heading.split() == [str(year) for year in range(2013, 2027)]
    assert max(map(len, shown.splitlines())) <= WIDTH


@pytest.mark.parametrize(
    "whom", ["rb", "rb.SHFE", "rb2410", "SSE.star", "600519", "BINANCE.perpetual", "NASDAQ"]
)
def test_one_of_them_is_a_line_for_each_topic_and_its_sources(cli: Cli, whom: str) -> None:
    shown = cli("rules", "coverage", whom, "--on", "2026-06-30").out

    years, _, sources = shown.partition("Sources")
    topics = [line.split()[0] for line in years.splitlines()[1:-2]]
    assert topics[0] == "grid"
    assert set(topics) <= set(TOPICS)
    assert all(f"│ {topic} " in sources for topic in topics)
    assert max(map(len, years.splitlines())) <= WIDTH


def test_a_span_counts_each_topic_by_its_weakest_day(cli: Cli) -> None:
    # The grid of rb is known until 2022-04-15.
    base = ("rules", "coverage", "rb", "--topic", "grid", "--json")

    known = cli(*base, "--start", "2022-01-01", "--end", "2022-04-15").json
    carried = cli(*base, "--start", "2022-01-01", "--end", "2022-04-16").json

    assert (known["counts"]["known"], known["counts"]["carried"]) == (1, 0)
    assert (carried["counts"]["known"], carried["counts"]["carried"]) == (0, 1)


def test_an_overlay_covers_its_own_days(cli: Cli, my_fees: Path) -> None:
    found = cli("rules", "coverage", "rb", "--topic", "fee", "--overlay", my_fees, "--json").json

    assert found["counts"]["yours"] == 1


def test_a_topic_that_is_not_there_is_told(cli: Cli) -> None:
    assert cli("rules", "coverage", "SSE", "--topic", "margin").out == (
        "the rule book has no margin for SSE\n"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("CME",), 3, "says nothing of CME"),
        (("CL2501.CME",), 3, "says nothing of CL2501.CME"),
        (("nobody",), 3, "no known symbol"),
        (("--topic", "fees"), 2, "there is no topic 'fees'"),
        (("--on", "2024-03-01", "--start", "2024-01-01"), 2, "give --on, or --start and --end"),
        (("--start", "2024-03-01", "--end", "2024-01-01"), 2, "is after --end 2024-01-01"),
    ],
)
def test_what_cannot_be_covered_is_told(
    cli: Cli, arguments: tuple[str, ...], code: int, told: str
) -> None:
    outcome = cli("rules", "coverage", *arguments)

    assert outcome.code == code
    assert told in " ".join(outcome.err.replace("│", " ").split())


def line_of(*spans: tuple[date, date | None, Standing], code: str = "rb") -> Line:
    covered = tuple(Covered(since, to, standing, None, code, "") for since, to, standing in spans)
    return Line(Subject(code, "SHFE", "", (code,), ()), "fee", covered)


def test_a_cell_tells_the_weakest_day_of_its_quarter_and_none_after_the_last() -> None:
    line = line_of(
        (date(2023, 2, 1), date(2023, 9, 29), Standing.KNOWN),
        (date(2023, 9, 30), None, Standing.ASSUMED),
    )
    span = Span(date(2023, 1, 1), date(2024, 6, 30))

    assert [*picture(["fee"], [line], span)][:2] == ["    2023 2024", "fee .Kaa aa"]


@pytest.mark.parametrize("first", [2024, 2013, 2000, 1985, 1900])
@pytest.mark.parametrize("label", ["fee", "SZSE.fund_chinext"])
def test_a_picture_fits_a_terminal_and_says_what_its_letters_mean(first: int, label: str) -> None:
    line = line_of((date(first, 1, 1), None, Standing.KNOWN))

    drawn = [*picture([label], [line], Span(date(first, 1, 1), date(2026, 12, 31)))]

    assert max(map(len, drawn)) <= WIDTH
    assert len(drawn[1]) > WIDTH // 3 or first > 2013
    assert set(drawn[1].partition(" ")[2].replace(" ", "")) == {"K"}
    assert all(letter in drawn[2] for letter in LETTERS.values())


# Check


def test_a_file_is_told_by_whom_it_changes_and_from_what_to_what(cli: Cli, my_fees: Path) -> None:
    shown = cli("rules", "check", my_fees)

    assert shown.code == 0
    assert "my.toml: nothing to say against it" in shown.out
    assert "fee of rb, 2024-01-01 on\n  rb\n" in shown.out
    assert "before  0.01 % of money to open and to close" in shown.out
    assert "after   3 CNY a lot to open and to close" in shown.out


def test_an_entry_of_a_venue_changes_all_its_products(cli: Cli, my_fees: Path) -> None:
    my_fees.write_text(rule_text(MY_FEE.replace('"rb"', '"INE"')), encoding="utf-8")

    (change,) = cli("rules", "check", my_fees, "--json").json["changes"]

    affected = [code for one in change["differences"] for code in one["affects"]]
    assert sorted(affected) == ["bc", "ec", "lu", "nr", "sc"]


def test_a_contract_changes_alone(cli: Cli, my_fees: Path) -> None:
    my_fees.write_text(rule_text(MY_FEE.replace('"rb"', '"rb2410"')), encoding="utf-8")

    (change,) = cli("rules", "check", my_fees, "--json").json["changes"]

    assert [one["affects"] for one in change["differences"]] == [["rb2410.SHFE"]]
    assert change["is_news"]


def test_a_file_that_says_what_the_book_says_changes_nothing(cli: Cli, my_fees: Path) -> None:
    # The exchange's fee of rb on that day is 0.01 % of money on either side.
    same = MY_FEE.replace("unit = 3", "money = 0.0001")
    my_fees.write_text(rule_text(same), encoding="utf-8")

    shown = cli("rules", "check", my_fees)

    assert "1 more: the same as the book on the first day" in shown.out
    assert not cli("rules", "check", my_fees, "--json").json["changes"][0]["is_news"]


def test_a_name_that_nothing_reads_is_a_warning_with_its_line(cli: Cli, my_fees: Path) -> None:
    my_fees.write_text(rule_text(MY_FEE, MY_FEE.replace('"rb"', '"rbb"')), encoding="utf-8")

    outcome = cli("rules", "check", my_fees)

    line = FIRST_ENTRY + MY_FEE.count("\n") + 1
    assert outcome.code == 0
    assert f"my.toml:{line}: warning: 'rbb' is no product" in outcome.out


def test_a_file_without_entries_changes_nothing(cli: Cli, my_fees: Path) -> None:
    my_fees.write_text(rule_text(), encoding="utf-8")

    assert "it has no entry, so it changes nothing" in cli("rules", "check", my_fees).out


def test_a_file_that_cannot_be_read_leaves_with_one_and_its_line(cli: Cli, my_fees: Path) -> None:
    my_fees.write_text(rule_text(MY_FEE.replace('"s"', '"rumour"')), encoding="utf-8")

    outcome = cli("rules", "check", my_fees)
    finding = cli("rules", "check", my_fees, "--json").json["findings"][0]

    assert outcome.code == 1
    assert f"my.toml:{FIRST_ENTRY}: error: its source 'rumour'" in outcome.out
    assert (finding["severity"], finding["line"]) == ("error", FIRST_ENTRY)


def test_a_file_of_an_editor_that_marks_its_encoding_is_read(cli: Cli, my_fees: Path) -> None:
    my_fees.write_text(rule_text(MY_FEE), encoding="utf-8-sig")

    assert cli("rules", "check", my_fees).code == 0


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_file_that_is_no_text_is_not_found(
    cli: Cli, tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "x.toml").write_bytes(content)

    outcome = cli("rules", "check", "x.toml")

    assert outcome.code == 3
    assert "no rule file at x.toml" in outcome.err


@pytest.mark.parametrize("name", ["shfe", "cn_stock", "us_stock", "crypto"])
def test_nothing_is_to_be_said_against_the_packaged_files(cli: Cli, name: str) -> None:
    data = Path(__file__).parents[3] / "src/quantloom/market/rulebook/data"

    assert cli("rules", "check", data / f"{name}.toml", "--json").json["findings"] == []


# The reference page


def test_the_page_names_every_key_and_option(cli: Cli, my_fees: Path) -> None:
    part = PAGE.split("## Market rules")[1].split("## Errors")[0]
    show = cli("rules", "show", "rb2410", "--json").json
    coverage = cli("rules", "coverage", "rb", "--json").json
    check = cli("rules", "check", my_fees, "--json").json

    tables = (show, show["rules"][0], coverage, coverage["counts"], coverage["subjects"][0])
    more = (check, check["changes"][0], check["changes"][0]["differences"][0])
    helps = [cli("rules", command, "--help").out for command in ("show", "coverage", "check")]
    options = set(re.findall(r"--[a-z]+", " ".join(helps))) - {"--help", "--json"}
    assert [key for table in (*tables, *more) for key in table if f"`{key}`" not in part] == []
    assert [option for option in sorted(options) if option not in part] == []
