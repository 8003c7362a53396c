"""Which rule holds for whom on a day, how well it is known, and what an overlay changes."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.market import UnknownSymbol
from quantloom.market.rulebook import NoRule, Standing, Subject, list_subjects, rule_book, topics_of
from quantloom.market.rulebook.topics import TOPICS, Fee, Grid, Levy, Margin, Tax
from tests.library.market.rulebook.rule_texts import entry, rule_text

BOOK = rule_book()
DAY = date(2024, 3, 1)
ONE_DAY = timedelta(days=1)
SYMBOLS = ("rb2410.SHFE", "IF2403.CFFEX", "600519.SSE", "688981.SSE", "AAPL.NASDAQ", "BTC-USDT")
SUBJECTS = list_subjects(BOOK)


def fee_text(rate: str, *, of: str = '["rb"]', since: str = "2024-01-01", to: str = "") -> str:
    fields = (f"open = {{ money = {rate} }}", f"close = {{ money = {rate} }}")
    return rule_text(entry("fee", *fields, of=of, since=since, to=to or None))


def opening(book_text: str, symbol: str, day: date) -> Decimal:
    return BOOK.overlay("my.toml", book_text).need(Fee, symbol, day).open.money


@pytest.mark.parametrize(
    ("symbol", "scopes"),
    [
        ("RB2410", ("rb2410.SHFE", "rb2410", "rb", "SHFE")),
        ("SHFE.rb.HOT", ("rb-MAIN.SHFE", "rb-MAIN", "rb", "SHFE")),
        ("TA2501.CZCE", ("TA2501.CZCE", "TA2501", "TA", "CZCE")),
        ("IF2403", ("IF2403.CFFEX", "IF2403", "IF", "CFFEX")),
        ("600519", ("600519.SSE", "600519", "SSE.main", "SSE")),
        ("688981", ("688981.SSE", "688981", "SSE.star", "SSE")),
        # A whole code and a longer prefix go before the one of all funds.
        ("510900.SH", ("510900.SSE", "510900", "SSE.fund_abroad", "SSE")),
        ("159915.SZ", ("159915.SZSE", "159915", "SZSE.fund_chinext", "SZSE")),
        ("430047.BJ", ("430047.BSE", "430047", "BSE.stock", "BSE")),
        ("AAPL", ("AAPL.US", "AAPL", "US")),
        ("SPY.ARCA", ("SPY.ARCA", "SPY", "ARCA")),
        ("BTC/USDT", ("BTC-USDT.BINANCE", "BTC-USDT", "BINANCE.spot", "BINANCE", "spot")),
        (
            "ETH-USDT-PERP.OKX",
            ("ETH-USDT-PERP.OKX", "ETH-USDT-PERP", "OKX.perpetual", "OKX", "perpetual"),
        ),
        (
            "BTC-USD-PERP.BYBIT",
            ("BTC-USD-PERP.BYBIT", "BTC-USD-PERP", "BYBIT.inverse", "BYBIT", "inverse"),
        ),
        # No fee of a future or a share holds for the options on it.
        ("m2409-C-3000", ("m2409-C-3000.DCE", "m2409-C-3000", "DCE.option")),
        ("10002533.SH", ("10002533.SSE", "10002533", "SSE.option")),
        ("SPY240119C00450000", ("SPY240119C00450000.US", "SPY240119C00450000", "US.option")),
        ("CL2501.CME", ("CL2501.CME", "CL2501", "CME")),
    ],
)
def test_rules_name_an_instrument_from_narrow_to_wide(symbol: str, scopes: tuple[str, ...]) -> None:
    assert BOOK.scopes(symbol) == scopes


def test_what_no_reader_of_symbols_knows_has_no_scopes() -> None:
    with pytest.raises(UnknownSymbol):
        BOOK.scopes("nobody")


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda one: one.code)
def test_each_packaged_subject_has_every_topic_that_its_market_needs(subject: Subject) -> None:
    topics = {
        topic
        for file in BOOK.files()
        if subject.venue in file.head.venues
        for topic, whom in file.entries
        if whom.partition("#")[0] in subject.scopes
    }

    assert set(subject.needs) <= topics
    assert topics <= {*topics_of(BOOK, subject), "no_nights"}


def test_the_whole_book_loads_and_each_topic_is_used() -> None:
    files = [*BOOK.files()]

    assert [file.name for file in files] == [
        *("cffex.toml", "shfe.toml", "ine.toml", "dce.toml", "czce.toml", "gfex.toml"),
        *("cn_stock.toml", "us_stock.toml", "crypto.toml"),
    ]
    assert {topic for file in files for topic, _ in file.entries} == set(TOPICS)


def test_a_venue_without_a_file_has_no_rules() -> None:
    assert BOOK.find(Grid, "CL2501.CME", DAY) is None
    assert BOOK.changes("CL2501.CME") == ()


def test_what_is_needed_and_missing_is_told_with_its_topic_and_day() -> None:
    with pytest.raises(NoRule, match=r"margin of 600519\.SSE on 2024-03-01") as caught:
        BOOK.need(Margin, "600519.SSE", DAY)

    assert (caught.value.topic, caught.value.symbol) == ("margin", "600519.SSE")


def test_no_rule_holds_before_the_first_one() -> None:
    first = BOOK.changes("rb2410.SHFE", ["grid"])[0]

    assert BOOK.find(Grid, "rb2410.SHFE", first - ONE_DAY) is None
    assert BOOK.find(Grid, "rb2410.SHFE", first) is not None


# Standing


@pytest.mark.parametrize(
    ("symbol", "topic", "day", "standing"),
    [
        # WonderTrader's table is as of 2022-04-15, and nothing newer tells the grid of rb.
        ("rb2410.SHFE", "grid", date(2022, 4, 15), Standing.KNOWN),
        ("rb2410.SHFE", "grid", date(2022, 4, 16), Standing.CARRIED),
        # The stamp duty of 2008 to 2023 has an end, so it is history however old its source.
        ("600519.SSE", "tax", date(2023, 8, 27), Standing.KNOWN),
        ("600519.SSE", "fee", DAY, Standing.ASSUMED),
    ],
)
def test_a_rule_tells_how_well_it_is_known(
    symbol: str, topic: str, day: date, standing: Standing
) -> None:
    rule = BOOK.rule(topic, symbol, day)

    assert rule is not None
    assert rule.standing is standing
    assert (rule.source is None) == (standing is Standing.ASSUMED)


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_a_last_entry_is_known_up_to_the_day_of_its_source_and_carried_after(symbol: str) -> None:
    for topic in TOPICS:
        rule = BOOK.rule(topic, symbol, date(2026, 11, 1))
        if rule is None or rule.source is None or rule.entry.to is not None:
            continue
        as_of = max(rule.source.as_of, rule.entry.since)
        on, after = (BOOK.rule(topic, symbol, day) for day in (as_of, as_of + ONE_DAY))
        assert on is not None
        assert after is not None
        is_fresh = rule.source.as_of >= rule.entry.since
        assert on.standing is (Standing.KNOWN if is_fresh else Standing.CARRIED)
        assert after.standing is Standing.CARRIED


# Overlays


def test_an_overlay_holds_on_its_days_and_the_book_around_them() -> None:
    text = fee_text("0.5", since="2024-02-01", to="2024-02-29")
    usual = BOOK.need(Fee, "rb2410.SHFE", DAY).open.money

    found = [
        opening(text, "rb2410.SHFE", date(2024, 2, 1) + days * ONE_DAY) for days in (-1, 0, 28, 29)
    ]

    assert found == [usual, Decimal("0.5"), Decimal("0.5"), usual]


def test_an_overlay_by_venue_goes_before_the_books_narrower_entry() -> None:
    assert opening(fee_text("0.5", of='["SHFE"]'), "rb2410.SHFE", DAY) == Decimal("0.5")


def test_within_an_overlay_the_narrowest_name_wins() -> None:
    wide = fee_text("0.5", of='["SHFE"]')
    narrow = fee_text("0.25", of='["rb2410"]').partition("[[fee]]")[2]

    text = f"{wide}\n[[fee]]{narrow}"

    assert opening(text, "rb2410.SHFE", DAY) == Decimal("0.25")
    assert opening(text, "rb2501.SHFE", DAY) == Decimal("0.5")


def test_the_last_overlay_goes_first() -> None:
    book = BOOK.overlay("a", fee_text("0.5")).overlay("b", fee_text("0.25"))

    rule = book.rule("fee", "rb2410.SHFE", DAY)

    assert rule is not None
    assert (rule.file, rule.standing) == ("b", Standing.YOURS)
    assert rule.source is not None
    assert rule.source.title == "T"
    assert [file.name for file in book.files()][:2] == ["b", "a"]


def test_an_overlay_reaches_what_it_names_and_nothing_else() -> None:
    book = BOOK.overlay("a", fee_text("0.5"))

    assert book.find(Fee, "hc2410.SHFE", DAY) == BOOK.find(Fee, "hc2410.SHFE", DAY)
    assert book.find(Grid, "rb2410.SHFE", DAY) == BOOK.find(Grid, "rb2410.SHFE", DAY)


def test_an_overlay_may_give_rules_to_a_venue_that_has_none() -> None:
    assert opening(fee_text("0.5", of='["CME"]'), "CL2501.CME", DAY) == Decimal("0.5")


def test_an_overlay_may_add_a_board_or_move_codes_to_another() -> None:
    prefixes = '[prefixes]\n"SZSE.fund_abroad" = ["159999"]\n'
    text = f'venues = ["SZSE"]\ncurrency = "CNY"\n{prefixes}'

    book = BOOK.overlay("a", text)

    assert BOOK.scopes("159999.SZSE")[2] == "SZSE.fund"
    assert book.scopes("159999.SZSE")[2] == "SZSE.fund_abroad"


def test_an_overlay_replaces_one_levy_and_leaves_the_others() -> None:
    levy = entry("levy", 'name = "section_31"', "rate = { money = 0.5 }", of='["US"]')
    book = BOOK.overlay("a", rule_text(levy))

    found = {
        rule.entry.name: rule.standing
        for rule in book.all("levy", "AAPL.US", DAY)
        if isinstance(rule.entry, Levy)
    }

    assert found["section_31"] is Standing.YOURS
    assert found["trading_activity"] is not Standing.YOURS


# Version


def test_the_version_is_the_same_each_time_and_changes_with_each_overlay() -> None:
    text = fee_text("0.5")
    once, twice = BOOK.overlay("a", text), BOOK.overlay("a", text).overlay("b", text)

    assert rule_book().version == BOOK.version
    assert len(BOOK.version) == 16
    assert once.version == BOOK.overlay("other name", text).version
    assert len({BOOK.version, once.version, twice.version}) == 3
    assert once.version != BOOK.overlay("a", fee_text("0.25")).version


def test_the_order_of_overlays_is_part_of_the_version() -> None:
    a, b = fee_text("0.5"), fee_text("0.25")

    forth = BOOK.overlay("a", a).overlay("b", b)

    assert forth.version != BOOK.overlay("b", b).overlay("a", a).version


# Changes


def test_stamp_duty_changes_on_the_days_that_the_ministry_announced() -> None:
    assert BOOK.changes("600519.SSE", ["tax"])[-2:] == (date(2008, 9, 19), date(2023, 8, 28))


def test_the_end_of_an_overlay_is_a_change_on_the_day_after() -> None:
    text = fee_text("0.5", since="2024-02-01", to="2024-02-29")
    book = BOOK.overlay("a", text)

    added = {*book.changes("rb2410.SHFE")} - {*BOOK.changes("rb2410.SHFE")}

    assert added == {date(2024, 2, 1), date(2024, 3, 1)}


@given(st.sampled_from(SYMBOLS), st.dates(date(1990, 1, 1), date(2027, 1, 1)))
def test_nothing_changes_on_other_days_than_changes_tells(symbol: str, day: date) -> None:
    topics = (Grid, Fee, Tax, Margin)
    names = [topic.topic for topic in topics]

    before, on = (
        [BOOK.find(topic, symbol, one) for topic in topics] for one in (day - ONE_DAY, day)
    )

    assert before == on or day in BOOK.changes(symbol, names)
