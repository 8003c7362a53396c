import pytest
from hypothesis import given
from hypothesis import strategies as st
from tools.pinyin_names import PLACE, make

from quantloom_server.instruments.searching import Index
from tests.server.instruments.support import shelf_of_day

SHELF = shelf_of_day()


def found(text: str) -> list[str]:
    return [SHELF.items[row].symbol for row in SHELF.index.search(text)]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("螺纹", "rb-MAIN.SHFE"),
        ("lw", "rb-MAIN.SHFE"),
        ("luowen", "rb-MAIN.SHFE"),
        ("rebar", "rb-MAIN.SHFE"),
        ("螺纹2605", "rb2605.SHFE"),
        ("lw2605", "rb2605.SHFE"),
        ("螺纹 2605", "rb2605.SHFE"),
        ("茅台", "600519.SSE"),
        ("gzmt", "600519.SSE"),
        ("GZMT", "600519.SSE"),
        ("moutai", "600519.SSE"),
        ("600519", "600519.SSE"),
        ("ｒｂ２６０５", "rb2605.SHFE"),
        ("沪深300", "000300.INDEX"),
        ("cjdl", "600900.SSE"),
        ("比特币 永续", "BTC-USD-PERP.BINANCE"),
    ],
)
def test_people_find_what_they_look_for(text: str, first: str) -> None:
    assert found(text)[0] == first


@pytest.mark.parametrize("text", ["", "  ", "茅螺", "zzzz", "\x00", "'; drop table users"])
def test_what_is_not_there_is_not_found(text: str) -> None:
    assert found(text) == []


def test_every_word_must_be_there() -> None:
    assert set(found("银行 平安")) == {"000001.SZSE"}


KEYS = st.text(alphabet="ab螺纹1", max_size=6)


@given(rows=st.lists(st.lists(KEYS, max_size=3), max_size=8), word=KEYS)
def test_pairs_find_exactly_what_looking_through_all_would(
    rows: list[list[str]], word: str
) -> None:
    expected = {row for row, keys in enumerate(rows) if word and any(word in k for k in keys)}

    assert set(Index(rows).search(word)) == expected


def test_the_packaged_pinyin_is_that_of_the_names() -> None:
    assert PLACE.read_text(encoding="utf-8") == make()
