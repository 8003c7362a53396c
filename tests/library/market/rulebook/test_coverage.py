"""What the book knows, for which days: the same that it says on each of them."""

from datetime import date, timedelta
from importlib.resources import files
from itertools import pairwise

import pytest

from quantloom.market.rulebook import (
    Covered,
    Standing,
    coverage_of,
    entry_of,
    list_subjects,
    rule_book,
    subject_of,
    topics_of,
    weakest,
)
from tests.library.market.rulebook.rule_texts import entry, rule_text

BOOK = rule_book()
ONE_DAY = timedelta(days=1)
SYMBOLS = ("rb2410.SHFE", "ec2404.INE", "600519.SSE", "SPY.ARCA", "BTC-USDT-PERP.BINANCE")
TOLD_ONCE = ("grid", "hours", "limit", "fee", "margin", "tax", "funding", "turnaround")
MINE = rule_text(
    entry("grid", "tick = 2", since="2024-02-01", to="2024-02-29"),
    entry("grid", "tick = 3", since="2024-03-01"),
    entry("grid", "tick = 3", since="2020-01-01", of='["600519", "SPY"]'),
)
MARKED = BOOK.overlay("mine.toml", MINE)


def covered(since: date, to: date | None, standing: Standing = Standing.KNOWN) -> Covered:
    return Covered(since, to, standing, None, "rb", "a.toml")


def days_that_matter(symbol: str, topic: str) -> list[date]:
    """Both sides of each day on which anything about a topic may change."""
    sources = {one.as_of for file in BOOK.files() for one in file.head.sources.values()}
    turns = {*MARKED.changes(symbol, [topic]), *(day + ONE_DAY for day in sources)}
    return sorted(turns | {day - ONE_DAY for day in turns})


@pytest.mark.parametrize("topic", TOLD_ONCE)
@pytest.mark.parametrize("symbol", SYMBOLS)
def test_coverage_says_of_each_day_what_the_book_says(symbol: str, topic: str) -> None:
    subject = subject_of(MARKED, symbol)
    for day in days_that_matter(symbol, topic):
        rule = MARKED.rule(topic, symbol, day)
        found = [one for one in coverage_of(MARKED, subject, topic) if one.holds_on(day)]

        assert [(one.standing, one.source, one.scope, one.file) for one in found] == (
            [] if rule is None else [(rule.standing, rule.source, rule.scope, rule.file)]
        )
        told = entry_of(MARKED, subject, topic, day)
        assert told == (None if rule is None else rule.entry)


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_spans_come_in_order_and_never_overlap(symbol: str) -> None:
    subject = subject_of(MARKED, symbol)
    for topic in topics_of(MARKED, subject):
        spans = coverage_of(MARKED, subject, topic)
        for one, following in pairwise(spans):
            assert one.to is not None
            assert one.since <= one.to < following.since


def test_an_overlay_cuts_out_its_own_days() -> None:
    book = BOOK.overlay("mine.toml", MINE.partition('[[grid]]\nof = ["rb"]\nfrom = 2024-03')[0])

    found = coverage_of(book, subject_of(book, "rb2410.SHFE"), "grid")

    assert [one.standing for one in found][-3:] == ["carried", "yours", "carried"]
    assert (found[-2].since, found[-2].to) == (date(2024, 2, 1), date(2024, 2, 29))


def test_the_weakest_of_several_tiers_tells_for_all() -> None:
    # The first tier of Binance's swaps comes from a source, the higher ones are customary.
    subject = next(one for one in list_subjects(BOOK) if one.code == "BINANCE.perpetual")

    (last,) = coverage_of(BOOK, subject, "maker_taker")[-1:]

    assert last.standing is Standing.ASSUMED


def test_a_product_is_covered_like_its_contracts() -> None:
    product = next(one for one in list_subjects(BOOK, "SHFE") if one.code == "rb")
    contract = subject_of(BOOK, "rb2410.SHFE")

    assert contract.name == product.name
    assert [coverage_of(BOOK, product, topic) for topic in product.needs] == [
        coverage_of(BOOK, contract, topic) for topic in product.needs
    ]


def test_every_subject_has_another_name() -> None:
    names = [(one.code, one.venue) for one in list_subjects(BOOK)]

    assert len(set(names)) == len(names)
    assert {venue for _, venue in names} == {
        venue for file in BOOK.files() for venue in file.head.venues
    }


def test_a_packaged_file_laid_over_the_book_is_all_yours() -> None:
    text = files("quantloom.market.rulebook").joinpath("data", "ine.toml").read_text("utf-8")
    book = BOOK.overlay("ine.toml", text)

    (subject,) = [one for one in list_subjects(book, "INE") if one.code == "sc"]

    assert len(list_subjects(book)) == len(list_subjects(BOOK))
    for topic in subject.needs:
        assert {one.standing for one in coverage_of(book, subject, topic)} == {Standing.YOURS}


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], None),
        ([(1, 31, Standing.KNOWN)], Standing.KNOWN),
        ([(1, 15, Standing.KNOWN), (16, 31, Standing.CARRIED)], Standing.CARRIED),
        ([(1, 15, Standing.ASSUMED), (16, 31, Standing.KNOWN)], Standing.ASSUMED),
        ([(1, 15, Standing.KNOWN), (17, 31, Standing.KNOWN)], None),
        ([(2, 31, Standing.KNOWN)], None),
        ([(1, 30, Standing.KNOWN)], None),
    ],
)
def test_the_weakest_day_tells_and_a_hole_is_the_weakest_of_all(
    spans: list[tuple[int, int, Standing]], expected: Standing | None
) -> None:
    found = [
        covered(date(2024, 1, first), date(2024, 1, last), standing)
        for first, last, standing in spans
    ]

    assert weakest(found, date(2024, 1, 1), date(2024, 1, 31)) is expected


def test_days_outside_a_span_do_not_weaken_it() -> None:
    day = date(2024, 1, 10)
    spans = [
        covered(day - ONE_DAY, day - ONE_DAY, Standing.ASSUMED),
        covered(day, day),
        covered(day + ONE_DAY, None, Standing.ASSUMED),
    ]

    assert weakest(spans, day, day) is Standing.KNOWN
