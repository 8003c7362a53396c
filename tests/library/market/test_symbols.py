import json
import pickle
import re
from datetime import date
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from quantloom.market import (
    AmbiguousMonth,
    Kind,
    UnknownSymbol,
    find_product,
    local_symbol,
    products,
    resolve,
)
from quantloom.market.venues import VENUES
from tests.shared_data import SHARED, needs_shared

SPRING_2024 = date(2024, 4, 1)

CANONICAL = {
    "600519.SSE": "600519 600519.SH 600519.SS 600519.XSHG 600519.sse sh600519 SH.600519",
    "000001.SZSE": "000001 000001.SZ 000001.XSHE sz000001 SZ.000001",
    "430047.BSE": "430047 430047.BJ bj430047",
    "830799.BSE": "830799 830799.BJ",
    "920002.BSE": "920002 920002.bj",
    "510300.SSE": "510300 sh510300",
    "159915.SZSE": "159915 159915.SZ",
    "000300.INDEX": "000300 000300.SH sh000300 000300.XSHG 000300.CSI",
    "000001.INDEX": "000001.SH sh000001 SH.000001",
    "399006.INDEX": "399006 399006.SZ sz399006",
    "899050.INDEX": "899050 899050.BJ",
    "SPX.INDEX": "SPX ^GSPC ^SPX spx.INDEX",
    "rb2410.SHFE": "rb2410 RB2410 SHFE.rb2410 RB2410.SHF rb2410.XSGE",
    "sc2410.INE": "sc2410 SC2410.INE",
    "i2409.DCE": "i2409 I2409 DCE.i2409",
    "lc2407.GFEX": "lc2407 LC2407.GFE",
    "TA2501.CZCE": "TA501 ta501 CZCE.TA501 TA501.ZCE TA2501 ta2501 TA2501.CZC",
    "IF2403.CFFEX": "IF2403 if2403 CFFEX.IF2403 IF2403.CFE IF2403.CCFX",
    "rb-MAIN.SHFE": "SHFE.rb.HOT rb.HOT RB.HOT rb888 RB88 RB9999.XSGE rb-MAIN rb_main SHFE.rb_HOT",
    "IF-MAIN.CFFEX": "CFFEX.IF.HOT IF888 if-main",
    "SH-MAIN.CZCE": "SH.HOT SH888",
    "ss-MAIN.SHFE": "ss.HOT SS888",
    "AAPL.US": "AAPL AAPL.us US.AAPL",
    "AAPL.NASDAQ": "AAPL.NASDAQ AAPL.O NASDAQ:AAPL aapl.xnas",
    "IBM.NYSE": "IBM.NYSE IBM.N",
    "BRK-B.US": "BRK.B BRK-B BRK.B.US",
    "BTC-USDT.BINANCE": "BTC/USDT BTC-USDT BTCUSDT btcusdt btc_usdt BINANCE:BTCUSDT",
    "ETH-BTC.BINANCE": "ETH/BTC ETHBTC",
    "ETH-BTC.BITTREX": "bittrex.ETH-BTC",
    "BTC-USD.COINBASE": "BTC-USD BTCUSD coinbase.BTC-USD",
    "EUR-USD.KRAKEN": "EURUSD.KRAKEN",
    "BTC-USDT-PERP.BINANCE": "BTC/USDT:USDT BTC-USDT-PERP BTCUSDT.P BTCUSDT_PERP",
    "BTC-USD-PERP.BINANCE": "BTC/USD:BTC BTCUSD_PERP BTCUSD.P.BINANCE",
    "BTC-USD-PERP.OKX": "BTC-USD-SWAP BTC/USD:BTC.OKX",
    "BTC-USDT-PERP.OKX": "BTC-USDT-SWAP BTC-USDT-SWAP.OKX BTC/USDT:USDT.OKX",
    "EURUSD.FX": "EURUSD EUR/USD EUR-USD eurusd EURUSD=X FX.EURUSD",
    "XAUUSD.FX": "XAUUSD XAU/USD",
    "IO2406-C-3500.CFFEX": "IO2406-C-3500 io2406c3500 CFFEX.IO2406.C.3500 IO2406-C-3500.CFE",
    "m2409-C-3000.DCE": "m2409-C-3000 M2409C3000 DCE.m2409-C-3000 M2409-C-3000.XDCE",
    "m2409-MS-P-3000.DCE": "m2409-MS-P-3000 M2409MSP3000.DCE",
    "cu2409C70000.SHFE": "CU2409C70000 cu2409-C-70000 CU2409C70000.SHF",
    "sc2409P600.INE": "sc2409P600 SC2409P600.INE",
    "SR2409C6000.CZCE": "SR409C6000 SR2409-C-6000 SR409C6000.ZCE",
    "lc2409-P-90000.GFEX": "lc2409-P-90000 LC2409P90000.GFE",
    "510050C2406M02500.SSE": "510050C2406M02500 510050c2406m02500.SH",
    "159919P2406A03471.SZSE": "159919P2406A03471 SZ.159919P2406A03471",
    "10002533.SSE": "10002533.SH SSE.10002533",
    "90000001.SZSE": "90000001.XSHE",
    "SPY240119C00450000.US": "SPY240119C00450000 spy240119c00450000.us O:SPY240119C00450000",
    "6EH4.CME": "CME.6EH4 6eh4.CME",
    "my-data.LOCAL": "my-data.LOCAL my-data.local",
}
SPELLINGS = [
    (text, symbol) for symbol, texts in CANONICAL.items() for text in (symbol, *texts.split())
]


@pytest.mark.parametrize(("text", "symbol"), SPELLINGS)
def test_a_usual_spelling_is_read(text: str, symbol: str) -> None:
    read = resolve(text, on=SPRING_2024)

    assert read.symbol == symbol == f"{read.code}.{read.venue}"
    assert symbol in read.note
    assert read.note.startswith(f"{text} taken for the ")


@pytest.mark.parametrize(
    ("symbol", "kind"),
    [
        ("600519.SSE", Kind.STOCK),
        ("510300.SSE", Kind.FUND),
        ("113050.SSE", Kind.BOND),
        ("118003", Kind.BOND),
        ("123001.SZ", Kind.BOND),
        ("127005", Kind.BOND),
        ("019547.SH", Kind.BOND),
        ("000300.INDEX", Kind.INDEX),
        ("rb2410.SHFE", Kind.FUTURE),
        ("rb-MAIN.SHFE", Kind.FUTURE),
        ("6EH4.CME", Kind.FUTURE),
        ("IO2406-C-3500.CFFEX", Kind.OPTION),
        ("cu2409C70000.SHFE", Kind.OPTION),
        ("10002533.SSE", Kind.OPTION),
        ("SPY240119C00450000.US", Kind.OPTION),
        ("AAPL.NASDAQ", Kind.STOCK),
        ("BTC-USDT.BINANCE", Kind.SPOT),
        ("BTC-USDT-PERP.BINANCE", Kind.PERPETUAL),
        ("BTC-USD-PERP.BINANCE", Kind.INVERSE),
        ("EURUSD.FX", Kind.FX),
        ("GOOG.LOCAL", Kind.STOCK),
    ],
)
def test_a_symbol_tells_its_kind(symbol: str, kind: Kind) -> None:
    assert resolve(symbol).kind is kind


texts = st.one_of(
    st.sampled_from([text for text, _ in SPELLINGS]),
    st.text(max_size=12),
    st.from_regex(r"\A[a-zA-Z0-9./_:^-]{1,14}\Z"),
    st.from_regex(r"\A[A-Za-z]{1,2}[0-9]{3,4}\Z"),
    st.from_regex(r"\A[0-9]{6}\Z"),
    st.from_regex(r"\A[A-Za-z]{1,2}[0-9]{3,4}-?(MS)?-?[CPcp]-?[0-9]{1,6}\Z"),
    st.from_regex(r"\A[A-Z]{1,4}24(0[1-9]|1[0-2])19[CP][0-9]{8}\Z"),
    st.tuples(st.from_regex(r"\A[A-Z0-9-]{1,9}\Z"), st.sampled_from(VENUES)).map(".".join),
)


@given(texts, st.dates(date(1990, 1, 1), date(2089, 12, 31)))
@example("", SPRING_2024)
@example("²³456.SH", SPRING_2024)
def test_a_canonical_symbol_resolves_to_itself_and_is_safe_in_a_path(text: str, on: date) -> None:
    try:
        read = resolve(text, on)
    except UnknownSymbol:
        return

    again = resolve(read.symbol)

    assert (again.symbol, again.kind) == (read.symbol, read.kind)
    assert re.fullmatch(r"[A-Za-z0-9_-]+\.[A-Z]+", read.symbol)
    assert quote(read.symbol, safe="") == read.symbol


@given(st.sampled_from(sorted(products())), st.integers(0, 99), st.integers(1, 12))
def test_every_contract_reads_in_any_case_with_or_without_its_venue(
    code: str, year: int, month: int
) -> None:
    product = products()[code]
    contract = f"{product.code}{year:02d}{month:02d}"

    for text in (contract.upper(), contract.lower(), f"{product.venue}.{contract}"):
        assert resolve(text).symbol == f"{contract}.{product.venue}"


@given(
    st.sampled_from(sorted(code for code, one in products().items() if one.venue != "CFFEX")),
    st.sampled_from("CP"),
    st.integers(1, 999_999),
)
def test_an_option_of_every_product_is_at_its_exchange_and_has_its_month(
    code: str, right: str, strike: int
) -> None:
    product = products()[code]

    read = resolve(f"{product.code}2409{right}{strike}")

    hyphen = "-" if product.venue in {"DCE", "GFEX"} else ""
    assert read.code == hyphen.join((f"{product.code}2409", right, str(strike)))
    assert (read.venue, read.kind) == (product.venue, Kind.OPTION)


def test_a_padded_code_of_occ_is_read() -> None:
    assert resolve("SPY   240119C00450000").symbol == "SPY240119C00450000.US"


def test_an_option_of_zhengzhou_asks_for_its_date_as_a_future_does() -> None:
    with pytest.raises(AmbiguousMonth):
        resolve("SR409C6000")


@pytest.mark.parametrize(
    "text",
    ["IF2406-C-3500", "T2406-C-100", "rb2413-C-1", "600519C2406M02500", "SPY241319C00450000"],
)
def test_what_has_no_options_or_no_such_month_is_none(text: str) -> None:
    with pytest.raises(UnknownSymbol):
        resolve(text)


def test_what_might_be_a_day_is_no_number_of_an_option_without_a_venue() -> None:
    with pytest.raises(UnknownSymbol):
        resolve("10002533")


@given(
    st.dates(date(1995, 1, 1), date(2080, 12, 31)),
    st.integers(-59, 60),
    st.sampled_from(["TA", "SR"]),
)
def test_a_three_digit_month_is_the_delivery_nearest_to_the_date(
    on: date, ahead: int, code: str
) -> None:
    year, month = divmod(on.year * 12 + on.month - 1 + ahead, 12)

    read = resolve(f"{code}{year % 10}{month + 1:02d}", on=on)

    assert read.symbol == f"{code}{year % 100:02d}{month + 1:02d}.CZCE"
    assert f"{on:%Y-%m-%d}" in read.note


def test_a_contract_that_has_just_expired_is_not_put_ten_years_ahead() -> None:
    assert resolve("TA501", on=date(2025, 3, 1)).symbol == "TA2501.CZCE"


def test_a_three_digit_month_without_a_date_asks_for_it() -> None:
    with pytest.raises(AmbiguousMonth, match=r"pass the date .* like TA2501"):
        resolve("TA501")


def test_only_czce_writes_three_digit_months() -> None:
    with pytest.raises(UnknownSymbol):
        resolve("rb410", on=SPRING_2024)


def test_a_code_of_a_stock_and_an_index_is_the_stock_and_says_so() -> None:
    assert resolve("000001").note == (
        "000001 taken for the Shenzhen stock 000001.SZSE; "
        "the Shanghai index of that code is 000001.INDEX"
    )


def test_what_was_assumed_stands_in_the_note() -> None:
    assert "its listing exchange is not known" in resolve("AAPL").note
    assert "BINANCE is assumed" in resolve("BTC/USDT").note
    assert "assumed" not in resolve("BTC-USDT.BINANCE").note


def test_a_ticker_that_ends_like_a_coin_is_still_a_ticker() -> None:
    assert resolve("GBTC").symbol == "GBTC.US"


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("600519.SZ", "600519.SSE"),
        ("rb2413", "rb-MAIN.SHFE"),
        ("SHFE.rb", "rb-MAIN.SHFE"),
        ("SHFE.TA2501", "TA2501.CZCE"),
        ("aapl", "AAPL.US"),
        ("m2409-C-3000.SHFE", "m2409-C-3000.DCE"),
    ],
)
def test_a_near_miss_is_answered_with_what_may_be_meant(text: str, suggestion: str) -> None:
    with pytest.raises(UnknownSymbol, match="did you mean") as caught:
        resolve(text)

    assert suggestion in caught.value.suggestions


@pytest.mark.parametrize(
    "text",
    ["", " ", ".", "xyz123", "my-data", "204001.SH", "131810.SZ", "SHFE.TA501", "TOOLONGTICKER"],
)
def test_what_nobody_writes_is_refused_with_what_is_understood(text: str) -> None:
    with pytest.raises(UnknownSymbol, match=r"write it like 600519, 600519\.SH, rb2410"):
        resolve(text)


@pytest.mark.parametrize(
    "text", ["BTC/USD:USD", "BTC/USDT:BTC", "EUREUR", "BTC-BTC", "USDTUSDT.BINANCE"]
)
def test_swaps_of_other_money_and_pairs_of_one_currency_are_not_taken_for_something_else(
    text: str,
) -> None:
    with pytest.raises(UnknownSymbol):
        resolve(text)


def test_who_only_tries_a_spelling_waits_for_no_suggestions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked: list[str] = []

    def look(word: str, *_: object, **__: object) -> list[str]:
        looked.append(word)
        return []

    monkeypatch.setattr("difflib.get_close_matches", look)

    with pytest.raises(UnknownSymbol) as caught:
        resolve("my-data")

    assert looked == []
    assert caught.value.suggestions == ()
    assert looked == ["my"]


@given(st.text(max_size=20))
def test_any_file_name_makes_a_local_symbol(name: str) -> None:
    symbol = local_symbol(name)

    assert resolve(symbol).symbol == symbol


def test_names_in_other_letters_stay_apart() -> None:
    assert local_symbol("螺纹钢") != local_symbol("热卷")
    assert local_symbol("AAPL.2000-2013 v2") == "AAPL-2000-2013-v2.LOCAL"


@pytest.mark.parametrize("error", [UnknownSymbol("aapl"), AmbiguousMonth("TA501")])
def test_errors_keep_their_text_when_pickled(error: Exception) -> None:
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_no_two_exchanges_share_a_product_code() -> None:
    lower = {"SHFE", "INE", "DCE", "GFEX"}

    assert len(products()) > 80
    for key, product in products().items():
        expected = key if product.venue in lower else key.upper()
        assert product.code == expected


def test_a_product_is_looked_up_at_its_venue_alone() -> None:
    assert find_product("RB", "SHFE") == find_product("rb")
    assert find_product("rb", "DCE") is None


@needs_shared
def test_the_product_table_equals_its_source() -> None:
    path = SHARED / "data/reference/cn_futures_commodities.json"
    source = json.loads(path.read_text("gb18030"))
    rows = [(venue, code, row) for venue, codes in source.items() for code, row in codes.items()]

    assert len(rows) > 60
    for venue, code, row in rows:
        product = find_product(code, venue)
        assert product is not None
        assert (product.code, product.name) == (code, row["name"])
        assert float(product.tick_size) == row["pricetick"]
        assert product.multiplier == row["volscale"]


@needs_shared
def test_every_listed_contract_of_the_exchanges_is_read() -> None:
    path = SHARED / "data/reference/cn_futures_contracts.json"
    source = json.loads(path.read_text("gb18030"))

    for venue, contracts in source.items():
        for row in contracts.values():
            read = resolve(row["code"], on=date(2022, 10, 1))
            assert read.venue == venue
            assert read.code.startswith(row["product"])
            assert 2203 <= int(read.code[-4:]) < 2600


@needs_shared
def test_every_futures_file_name_is_read() -> None:
    for path in sorted((SHARED / "data/bars/cn_futures").glob("*.parquet")):
        stem = path.name.rsplit(".", 2)[0].removesuffix(".202101")
        assert resolve(stem).kind is Kind.FUTURE
