"""What the name of a file says of the instrument in it."""

from pathlib import Path

import pytest

from quantloom.data.readers.naming import bare_name, symbol_of_name


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("DCE.m2005.1m.parquet", "m2005.DCE"),
        ("DCE.m.HOT.1d.parquet", "m-MAIN.DCE"),
        ("CFFEX.IF.HOT_m5.csv", "IF-MAIN.CFFEX"),
        ("SSE.600009Q_m1.gbk.csv", "600009.SSE"),
        ("SHFE.rb2002_m120.csv.gz", "rb2002.SHFE"),
        ("SPY.lean.1d.parquet", "SPY.US"),
        ("DCE.1d.csv", "DCE-1d.LOCAL"),
    ],
)
def test_words_about_the_data_are_told_from_the_instrument(name: str, symbol: str) -> None:
    assert symbol_of_name(bare_name(Path(name)), None).value == symbol
