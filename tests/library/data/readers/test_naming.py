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


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("IO2406-C-3500.CFFEX.1m.csv", "IO2406-C-3500.CFFEX"),
        ("m2409-C-3000.csv", "m2409-C-3000.DCE"),
        ("CU2409C70000.SHF_1d.csv", "cu2409C70000.SHFE"),
        ("10002533.SH.csv", "10002533.SSE"),
        ("SPY240119C00450000.parquet", "SPY240119C00450000.US"),
    ],
)
def test_the_name_of_an_option_is_read(name: str, symbol: str) -> None:
    assert symbol_of_name(bare_name(Path(name)), None).value == symbol


@pytest.mark.parametrize(
    ("folder", "name", "symbol"),
    [
        ("future/cme/minute/es", "20131007_es_minute_trade_201312", "ESZ13.CME"),
        ("future/cme/minute/es", "20131007_es_minute_quote_201406_20140620", "ESM14.CME"),
        ("future-comex-daily-gc", "gc_trade_202002", "GCG20.COMEX"),
        ("option/usa/daily", "twx_quote_american_put_57500_20150117", "TWX150117P00005750.US"),
        ("anywhere", "spx_trade_european_call_32000000_20210115", "SPX210115C03200000.US"),
    ],
)
def test_the_parts_of_leans_archives_name_their_contracts(
    folder: str, name: str, symbol: str
) -> None:
    assert symbol_of_name(name, None, is_member=True, folder=Path(folder)).value == symbol


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("downloads", "20131007_es_minute_trade_201312"),
        ("future/cme/and/ice", "es_trade_201312"),
        ("futureoption/cme/daily", "es_trade_american_call_32000000_20200619"),
        ("option/usa/daily", "twx_trade_american_call_575001_20150117"),
    ],
)
def test_a_contract_whose_exchange_or_strike_leans_name_does_not_tell_is_none(
    folder: str, name: str
) -> None:
    assert symbol_of_name(name, None, is_member=True, folder=Path(folder)).confidence < 0.5
