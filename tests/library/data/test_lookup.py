"""What users type finds what the catalog holds."""

import pytest

from quantloom.data import look_up, open_catalog
from quantloom.market import UnknownSymbol


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("SPY.ARCA", "SPY.ARCA"),
        ("SPY", "SPY.ARCA"),
        ("spy", "SPY.ARCA"),
        ("AAPL", "AAPL.NASDAQ"),
        ("rb", "rb-MAIN.SHFE"),
        ("rb888", "rb-MAIN.SHFE"),
        ("IF", "IF-MAIN.CFFEX"),
        ("600519.SH", "600519.SSE"),
        ("BTC-USD", "BTC-USD.COINBASE"),
    ],
)
def test_the_one_symbol_of_that_code_is_found(text: str, symbol: str) -> None:
    found, note = look_up(open_catalog(), text)

    assert found == symbol
    assert (note == "") == (text == symbol)
    assert note == "" or symbol in note


def test_a_symbol_the_catalog_lacks_is_resolved_all_the_same() -> None:
    assert look_up(open_catalog(), "MSFT.NASDAQ")[0] == "MSFT.NASDAQ"


def test_what_is_no_symbol_stays_an_error() -> None:
    with pytest.raises(UnknownSymbol):
        look_up(open_catalog(), "no such thing")
