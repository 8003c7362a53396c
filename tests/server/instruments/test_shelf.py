from datetime import date

import pytest

from quantloom.market import UnknownSymbol, products
from quantloom.market.rulebook import rule_book
from quantloom_server.instruments import service
from quantloom_server.instruments.naming import told
from quantloom_server.instruments.service import Sought
from quantloom_server.instruments.shelf import make_shelf
from quantloom_server.platform.paging import BadCursor, Span
from tests.server.instruments.support import DAY, shelf_of_day

SHELF = shelf_of_day({"AAPL.NASDAQ": ["1d"], "rb2605.SHFE": ["1m", "1d"], "mine.LOCAL": ["1d"]})


def test_every_product_has_its_chain_and_a_name_in_both_languages() -> None:
    chains = [one for one in SHELF.items if one.is_chain]

    assert {one.product for one in chains} == {one.code for one in products().values()}
    assert [one.symbol for one in chains if not (one.names.zh and one.names.en)] == []


def test_a_product_that_is_named_is_one_that_there_is() -> None:
    assert set(told().products) == {one.code for one in products().values()}


def test_what_the_catalog_holds_is_listed_with_its_timeframes() -> None:
    assert SHELF.by_symbol["rb2605.SHFE"].timeframes == ("1m", "1d")
    assert SHELF.by_symbol["mine.LOCAL"].timeframes == ("1d",)


def test_a_contract_leaves_the_list_with_its_last_day() -> None:
    later = make_shelf(rule_book(), date(2026, 5, 19), {})

    assert "rb2605.SHFE" in SHELF.by_symbol
    assert "rb2605.SHFE" not in later.by_symbol
    assert later.version != SHELF.version


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("rb2605.SHFE", "rb2605.SHFE"),
        ("SHFE.rb2605", "rb2605.SHFE"),
        ("RB2605", "rb2605.SHFE"),
        ("TA605", "TA2605.CZCE"),
        ("rb", "rb-MAIN.SHFE"),
        ("CFFEX.IF.HOT", "IF-MAIN.CFFEX"),
        ("600519", "600519.SSE"),
        ("600519.XSHG", "600519.SSE"),
        ("贵州茅台", "600519.SSE"),
        ("螺纹2605", "rb2605.SHFE"),
        ("AAPL", "AAPL.NASDAQ"),
        ("AAPL.US", "AAPL.US"),
        ("BTC/USDT", "BTC-USDT.BINANCE"),
        ("600001.SH", "600001.SSE"),
        ("rb1910", "rb1910.SHFE"),
    ],
)
def test_any_usual_spelling_is_read_and_the_answer_says_as_what(text: str, symbol: str) -> None:
    found = service.identify(SHELF, text, DAY)

    assert found.one.symbol == symbol
    assert symbol in found.note


@pytest.mark.parametrize("text", ["", "???", "茅", "no such thing", "rb26130", "a/../b"])
def test_what_nobody_can_read_is_not_found(text: str) -> None:
    with pytest.raises(UnknownSymbol):
        service.identify(SHELF, text, DAY)


def test_a_list_is_walked_without_gap_or_repetition() -> None:
    sought = Sought(venue="SHFE")
    seen: list[str] = []
    cursor = None
    while True:
        part = service.list_instruments(SHELF, sought, Span(limit=37, cursor=cursor))
        seen += [one.symbol for one in part.rows]
        cursor = part.next_cursor
        if cursor is None:
            break

    assert seen == [one.symbol for one in SHELF.items if one.venue == "SHFE"]


def test_pages_are_counted_for_those_who_count() -> None:
    part = service.list_instruments(SHELF, Sought(has_data=True), Span(limit=2, page=2))

    assert part.total == 3
    assert len(part.rows) == 1


@pytest.mark.parametrize("cursor", ["!", "bm9uZQ", "____", "gICA"])
def test_a_cursor_of_somebody_elses_is_refused(cursor: str) -> None:
    with pytest.raises(BadCursor):
        service.list_instruments(SHELF, Sought(), Span(limit=2, cursor=cursor))


def test_a_spelling_comes_first_even_where_it_is_not_listed() -> None:
    part = service.list_instruments(SHELF, Sought(text="rb1910.SHF"), Span(limit=5))

    assert part.rows[0].symbol == "rb1910.SHFE"
