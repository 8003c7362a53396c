"""The vendors' own packages, as they are installed, against recorded answers of the web.

`make vendors` makes their environment and runs this; nothing here leaves the machine.
"""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from quantloom.data import Catalog
from quantloom.data.collecting import Collector, CollectSpec, Ledger, note_questions
from quantloom.data.providers import (
    Pace,
    Provider,
    ProviderBadData,
    ProviderRateLimited,
    ProviderSettings,
    ProviderUnavailable,
    SymbolNotFound,
    Worker,
    open_provider,
)
from quantloom.data.providers.akshare import AkshareProvider
from quantloom.data.providers.asking import Answer, Question
from quantloom.data.providers.crypto import CryptoProvider
from quantloom.data.providers.yahoo import YahooProvider
from quantloom.errors import QuantloomError
from tests.house.checkout import ROOT
from tests.library.data.providers.builders import NOW, make_clock, moment
from tests.vendors.stand_in import Reply, StandIn, standing_in

pytestmark = pytest.mark.vendors

NAMED = os.environ.get("QUANTLOOM_VENDOR_PYTHON", str(ROOT / ".venv-vendors" / "bin" / "python"))
PYTHON = Path(NAMED)
TOKEN = "hunter2"
SPAN = (moment("2024-01-02"), moment("2024-01-05"))


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    if not PYTHON.exists():
        pytest.skip(f"{PYTHON} is not there; `make vendors` makes it")
    with standing_in(tmp_path_factory.mktemp("certificates"), PYTHON) as found:
        yield found


Opened = Callable[[str], Provider]


def settings_of(web: StandIn, longest_s: float = 30.0) -> ProviderSettings:
    proxy = f"http://127.0.0.1:{web.port}"
    worker = Worker(python=PYTHON, proxy=proxy, ca_file=web.ca_file, longest_s=longest_s)
    pace = Pace(per_second=1e6, burst=1_000_000, attempts=1, failures=1_000_000)
    return ProviderSettings(token=TOKEN, worker=worker, pace=pace, clock=make_clock())


@pytest.fixture(scope="module")
def opened(web: StandIn) -> Iterator[Opened]:
    """Providers by name, each with one worker for all tests."""
    settings = settings_of(web)
    known: dict[str, Provider] = {}

    def give(name: str) -> Provider:
        return known.setdefault(name, open_provider(name, settings))

    yield give
    for provider in known.values():
        provider.close()


def as_json(value: object) -> Reply:
    return Reply(json.dumps(value).encode(), headers=(("Content-Type", "application/json"),))


# Eastmoney: day, open, close, high, low, lots, turnover and five more figures.
KLINES = (
    "2024-01-02,1715.00,1685.01,1718.19,1678.10,32156,5440082500.00,2.32,-2.36,-40.99,0.26",
    "2024-01-03,1681.11,1694.00,1695.22,1676.33,20229,3411400700.00,1.12,0.53,8.99,0.16",
    "2024-01-04,1693.00,1669.00,1693.00,1662.93,21551,3603970100.00,1.78,-1.48,-25.00,0.17",
)
EASTMONEY = {"rc": 0, "data": {"code": "600519", "market": 1, "klines": KLINES}}
HFQ = (
    'var sh600519hfq={"total":2,"data":[{"d":"2024-01-03","f":"2.5"},{"d":"1900-01-01","f":"1.0"}]}'
    "\n/* sina */"
)
# Yahoo: 09:30 in New York of three days, a dividend on the second and a split on the third.
DAYS = [1704205800, 1704292200, 1704378600]
QUOTES = {
    "open": [10.0, 10.25, 9.9],
    "high": [10.3, 10.5, 10.4],
    "low": [9.9, 9.8, 9.7],
    "close": [10.25, 10.0, 10.2],
    "volume": [4000, 8000, 2000],
}
META = {
    "currency": "USD",
    "symbol": "AAPL",
    "exchangeName": "NMS",
    "instrumentType": "EQUITY",
    "firstTradeDate": 345479400,
    "gmtoffset": -18000,
    "timezone": "EST",
    "exchangeTimezoneName": "America/New_York",
    "regularMarketPrice": 10.2,
    "priceHint": 2,
    "dataGranularity": "1d",
    "range": "",
    "validRanges": ["1d", "max"],
}
EVENTS = {
    "dividends": {str(DAYS[1]): {"amount": 0.5, "date": DAYS[1]}},
    "splits": {
        str(DAYS[2]): {"date": DAYS[2], "numerator": 4, "denominator": 1, "splitRatio": "4:1"}
    },
}
ADJUSTED = [{"adjclose": [9.7, 9.9, 10.2]}]


def chart(**result: Any) -> Reply:
    return as_json({"chart": {"result": [{"meta": META} | result], "error": None}})


YAHOO = chart(timestamp=DAYS, events=EVENTS, indicators={"quote": [QUOTES], "adjclose": ADJUSTED})
YAHOO_EMPTY = chart(indicators={"quote": [{}], "adjclose": [{}]})
YAHOO_UNKNOWN = as_json(
    {"chart": {"result": None, "error": {"code": "Not Found", "description": "No data found"}}}
)
FIELDS = ["trade_date", "open", "high", "low", "close", "vol", "amount"]
ROWS = [
    ["20240104", 9.1, 9.2, 9.0, 9.11, 864193.0, 787470.0],
    ["20240103", 9.19, 9.22, 9.15, 9.2, 733610.0, 673673.0],
    ["20240102", 9.39, 9.42, 9.21, 9.21, 1158366.0, 1075742.0],
]


def pro(code: int = 0, message: str = "", items: Any = ROWS) -> Reply:
    return as_json({"code": code, "msg": message, "data": {"fields": FIELDS, "items": items}})


MARKET = {
    "symbol": "BTCUSDT",
    "status": "TRADING",
    "baseAsset": "BTC",
    "quoteAsset": "USDT",
    "baseAssetPrecision": 8,
    "quoteAssetPrecision": 8,
    "isSpotTradingAllowed": True,
    "orderTypes": ["LIMIT"],
    "filters": [],
    "permissions": ["SPOT"],
    "permissionSets": [["SPOT"]],
}
DAY_MS = 86_400_000


def candles(target: str, _: bytes) -> Reply:
    asked = parse_qs(urlsplit("//" + target).query)
    since, limit = int(asked["startTime"][0]), int(asked["limit"][0])
    rows = range(since, min(since + limit * DAY_MS, int(NOW.timestamp() * 1000)), DAY_MS)
    return as_json([[ms, "10.1", "11", "9", "10.5", "3", ms, "0", 1, "0", "0", "0"] for ms in rows])


@dataclass(frozen=True)
class Case:
    """A vendor: what to ask it for, where it asks, and what it is told when all is well."""

    name: str
    symbol: str
    data: str
    good: Reply | Callable[[str, bytes], Reply]
    empty: Reply


CASES = {
    "akshare": Case(
        "akshare",
        "600519.SSE",
        "push2his.eastmoney.com/api/qt/stock/kline",
        as_json(EASTMONEY),
        as_json({"rc": 0, "data": None}),
    ),
    "yfinance": Case(
        "yfinance", "AAPL.US", "query2.finance.yahoo.com/v8/finance/chart", YAHOO, YAHOO_EMPTY
    ),
    "tushare": Case("tushare", "000001.SZSE", "api.tushare.pro/", pro(), pro(items=[])),
    "ccxt": Case("ccxt", "BTC-USDT.BINANCE", "api.binance.com/api/v3/klines", candles, as_json([])),
}


@pytest.fixture
def case(request: pytest.FixtureRequest, web: StandIn) -> Case:
    """The web as the vendor knows it, with all its side doors open."""
    found: Case = CASES[request.param]
    never = "Expires=Wed, 01 Jan 2031 00:00:00 GMT; Domain=.yahoo.com; Path=/"
    web.asked.clear()
    web.routes = {
        "fc.yahoo.com": Reply(status=404, headers=(("Set-Cookie", f"A3=d; {never}"),)),
        "query1.finance.yahoo.com/v1/test/getcrumb": Reply(b"crumb"),
        "api.binance.com/api/v3/exchangeInfo": as_json({"timezone": "UTC", "symbols": [MARKET]}),
        "finance.sina.com.cn/realstock/company/sh600519/hfq.js": Reply(HFQ.encode()),
        found.data: found.good,
    }
    return found


EACH = pytest.mark.parametrize("case", list(CASES), indirect=True)


@EACH
def test_a_sound_answer_becomes_raw_bars_in_shares(
    case: Case, web: StandIn, opened: Opened
) -> None:
    bars = opened(case.name).bars(case.symbol, "1d", *SPAN).bars

    shown = {
        "akshare": ([1685.01, 1694.0, 1669.0], [3_215_600, 2_022_900, 2_155_100]),
        "yfinance": ([41.0, 40.0, 10.2], [1_000, 2_000, 2_000]),
        "tushare": ([9.21, 9.2, 9.11], [115_836_600, 73_361_000, 86_419_300]),
        "ccxt": ([10.5] * 3, [3.0] * 3),
    }[case.name]
    assert (bars.close.tolist(), bars.volume.tolist()) == shown
    assert [f"{bars.start:%F}", f"{bars.end:%F}"] == ["2024-01-02", "2024-01-04"]


@EACH
def test_a_week_is_made_of_the_days_that_a_vendor_has(
    case: Case, web: StandIn, opened: Opened
) -> None:
    found = opened(case.name).bars(case.symbol, "1w", moment("2024-01-01"), SPAN[1])

    volume = {"akshare": 7_393_600, "yfinance": 5_000, "tushare": 275_616_900, "ccxt": 21}
    assert (f"{found.bars.start:%F}", found.bars.volume.tolist()) == (
        "2024-01-01",
        [volume[case.name]],
    )


def _cut(case: Case) -> Reply:
    whole = case.good if isinstance(case.good, Reply) else as_json([[1, "2"]] * 99)
    return Reply(whole.body, cut=len(whole.body) // 2, headers=whole.headers)


FAULTS: dict[str, tuple[Callable[[Case], Reply], tuple[type[QuantloomError], ...]]] = {
    "empty": (lambda case: case.empty, (ProviderBadData,)),
    "a page instead of data": (
        lambda case: Reply(b"<html>We will be back soon</html>"),
        (ProviderBadData, ProviderUnavailable),
    ),
    "other json": (lambda case: as_json({"hello": "world"}), (ProviderBadData,)),
    "cut": (_cut, (ProviderBadData, ProviderUnavailable)),
    "too many": (
        lambda case: Reply(b"slow down", status=429, headers=(("Retry-After", "17"),)),
        (ProviderRateLimited, ProviderBadData),
    ),
    "down": (
        lambda case: Reply(b"oops", status=503),
        (ProviderUnavailable, ProviderBadData),
    ),
}


@EACH
@pytest.mark.parametrize("fault", list(FAULTS))
def test_a_faulty_answer_is_an_error_and_never_bars(
    case: Case, fault: str, web: StandIn, opened: Opened
) -> None:
    reply, wanted = FAULTS[fault]
    web.routes[case.data] = reply(case)

    with pytest.raises(wanted):
        opened(case.name).bars(case.symbol, "1d", *SPAN)
    web.routes[case.data] = case.good
    assert len(opened(case.name).bars(case.symbol, "1d", *SPAN).bars) == 3


@pytest.mark.parametrize("case", ["akshare", "tushare"], indirect=True)
def test_a_host_that_never_answers_costs_a_worker_and_no_more(case: Case, web: StandIn) -> None:
    provider = open_provider(case.name, settings_of(web, longest_s=6.0))
    web.routes[case.data] = Reply(stall=True)

    with pytest.raises(ProviderUnavailable, match="too long"):
        provider.bars(case.symbol, "1d", *SPAN)
    web.routes[case.data] = case.good
    found = provider.bars(case.symbol, "1d", *SPAN)
    provider.close()

    assert len(found.bars) == 3


@pytest.mark.parametrize("case", ["tushare", "ccxt"], indirect=True)
def test_a_limit_is_told_from_a_fault_and_its_wait_is_kept(
    case: Case, web: StandIn, opened: Opened
) -> None:
    web.routes[case.data] = FAULTS["too many"][0](case)

    with pytest.raises(ProviderRateLimited):
        opened(case.name).bars(case.symbol, "1d", *SPAN)


@pytest.mark.parametrize("case", ["yfinance"], indirect=True)
def test_yahoos_limit_and_its_unknown_symbols_are_told_apart(
    case: Case, web: StandIn, opened: Opened
) -> None:
    web.routes[case.data] = Reply(b"Too Many Requests", status=429)
    with pytest.raises(ProviderRateLimited):
        opened(case.name).bars("MSFT", "1d", *SPAN)
    web.routes[case.data] = YAHOO_UNKNOWN
    with pytest.raises(SymbolNotFound):
        opened(case.name).bars("ZZZZ", "1d", *SPAN)


@pytest.mark.parametrize("case", ["tushare"], indirect=True)
def test_tushares_refusals_in_chinese_are_understood(
    case: Case, web: StandIn, opened: Opened
) -> None:
    web.routes[case.data] = pro(40203, "抱歉，您每分钟最多访问该接口50次")
    with pytest.raises(ProviderRateLimited, match="每分钟"):
        opened(case.name).bars(case.symbol, "1d", *SPAN)
    web.routes[case.data] = pro(40101, f"您的token不对，请确认。{TOKEN}")
    with pytest.raises(QuantloomError, match="token was refused") as caught:
        opened(case.name).bars(case.symbol, "1d", *SPAN)
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("case", ["tushare"], indirect=True)
@pytest.mark.parametrize("known", ["TA2405.CZC", "TA2405.ZCE"])
def test_zhengzhou_is_found_however_the_server_spells_it(
    case: Case, known: str, web: StandIn, opened: Opened
) -> None:
    headings = [*FIELDS, "oi", "settle"]

    def answer(_: str, body: bytes) -> Reply:
        is_known = json.loads(body)["params"]["ts_code"] == known
        rows = [[*row, 7, 9.2] for row in ROWS] if is_known else []
        return as_json({"code": 0, "msg": "", "data": {"fields": headings, "items": rows}})

    web.routes[case.data] = answer

    bars = opened("tushare").bars("TA2405.CZCE", "1d", *SPAN).bars

    assert (bars.symbol, len(bars)) == ("TA2405.CZCE", 3)


@pytest.mark.parametrize("case", ["tushare"], indirect=True)
def test_a_redirect_does_not_carry_the_token_away(case: Case, web: StandIn, opened: Opened) -> None:
    away = (("Location", "https://fc.yahoo.com/elsewhere"),)
    web.routes[case.data] = Reply(status=307, headers=away)

    with pytest.raises((ProviderUnavailable, ProviderBadData)):
        opened(case.name).bars(case.symbol, "1d", *SPAN)
    assert not [one for one in web.asked if "elsewhere" in one]


@pytest.mark.parametrize("case", ["akshare"], indirect=True)
def test_akshares_factors_are_read_from_text_that_it_evaluates(
    case: Case, web: StandIn, opened: Opened
) -> None:
    factors = opened("akshare").adj_factors(case.symbol, date(2024, 1, 2), date(2024, 1, 4))

    assert factors.factor.tolist() == [1.0, 2.5]
    assert factors.day.tolist() == [date(1900, 1, 1), date(2024, 1, 3)]


@pytest.mark.parametrize("case", ["akshare"], indirect=True)
def test_what_a_site_makes_akshare_evaluate_stays_in_the_worker(
    case: Case, web: StandIn, opened: Opened, tmp_path: Path
) -> None:
    left = tmp_path / "left"
    evil = f'var x=__import__("pathlib").Path("{left}").write_text("here")\n'
    web.routes["finance.sina.com.cn/realstock/company/sh600519/hfq.js"] = Reply(evil.encode())

    with pytest.raises((ProviderBadData, ProviderUnavailable)):
        opened("akshare").adj_factors(case.symbol, date(2024, 1, 2), date(2024, 1, 4))
    assert not left.exists()


@pytest.mark.parametrize("case", ["akshare"], indirect=True)
def test_futures_of_sina_are_read(case: Case, web: StandIn, opened: Opened) -> None:
    daily = [{"d": f"2024-01-0{day}", **dict.fromkeys("ohlc", "3900"), "v": "5", "p": "7", "s": "1"}
             for day in (2, 3, 4)]  # fmt: skip
    hours = [{"d": "2024-01-02 10:00:00", **dict.fromkeys("ohlc", "3900"), "v": "5", "p": "7"}]
    host = "stock2.finance.sina.com.cn/futures/api/jsonp.php/"
    web.routes[host] = Reply(f"var _V=({json.dumps(daily)});".encode())
    web.routes[host + "=/"] = Reply(f"=({json.dumps(hours)});".encode())

    provider = opened("akshare")

    assert len(provider.bars("rb2405", "1d", *SPAN).bars) == 3
    assert provider.bars("rb2405", "1h", *SPAN).bars.start == moment("2024-01-02 01:00")


@EACH
def test_a_collection_writes_every_question_and_no_secret(
    case: Case, web: StandIn, tmp_path: Path
) -> None:
    clock = make_clock()
    worker = Worker(python=PYTHON, proxy=f"http://127.0.0.1:{web.port}", ca_file=web.ca_file)
    spec = CollectSpec.of(
        provider=case.name,
        symbols=[case.symbol],
        timeframe="1d",
        start=SPAN[0],
        end=SPAN[1],
        factors=case.name in {"akshare", "yfinance"},
    )
    with Ledger(tmp_path) as ledger:
        provider = open_provider(
            case.name,
            ProviderSettings(
                token=TOKEN, worker=worker, clock=clock, heard=note_questions(ledger, clock)
            ),
        )
        (account,) = Collector(provider, Catalog(tmp_path), ledger, clock).collect(spec)
        provider.close()

    assert (account.error, account.added) == ("", 3)
    kinds = [entry.kind for entry in Ledger(tmp_path).entries()]
    assert kinds[:2] == ["question", "bars"]
    assert TOKEN not in Ledger(tmp_path).path.read_text(encoding="utf-8")
    stored = Catalog(tmp_path).read(case.symbol, "1d")
    if case.name == "yfinance":
        adjusted = stored.close * stored.extras["adj_factor"]
        assert adjusted[2] / adjusted[0] == pytest.approx(4 * 10.2 / (41 * (1 - 0.5 / 10.25)))
    if case.name == "akshare":
        assert stored.extras["adj_factor"].tolist() == [1.0, 2.5, 2.5]


class Listening:
    """Notes every question and answers none."""

    def __init__(self) -> None:
        self.asked: list[Question] = []

    def ask(self, question: Question) -> Answer:
        self.asked.append(question)
        raise ProviderUnavailable(question.provider, "only listening")

    def close(self) -> None: ...


def every_question() -> list[Question]:
    """Every function we ever call, with the arguments we call it with."""
    heard, clock = Listening(), make_clock()
    chinese = ("600519", "510300.SH", "000300", "rb2405")
    days: tuple[datetime, datetime] = SPAN
    akshare, yahoo = AkshareProvider(heard, clock), YahooProvider(heard, clock)
    crypto = CryptoProvider(heard, clock)
    span = (days[0].date(), days[1].date())
    calls: list[Callable[[], object]] = [
        akshare.list_instruments,
        crypto.list_instruments,
        lambda: akshare.adj_factors("600519", *span),
        lambda: yahoo.adj_factors("AAPL", *span),
        lambda: akshare.calendar("SSE", *span),
        lambda: akshare.snapshot(("600519",)),
        lambda: crypto.snapshot(("BTC/USDT",)),
    ]
    asking = ((akshare, chinese), (yahoo, ("AAPL",)), (crypto, ("BTC/USDT",)))
    calls += [
        partial(provider.bars, symbol, timeframe, *days)
        for provider, symbols in asking
        for symbol in symbols
        for timeframe in ("1d", "5m")
    ]
    for call in calls:
        with pytest.raises(ProviderUnavailable, match="only listening"):
            call()
    return heard.asked


_SIGNATURES = """
import inspect, json, sys
import akshare, ccxt
from yfinance.scrapers.history import PriceHistory
wrong = []
for vendor, function, arguments in json.load(sys.stdin):
    owner = {"akshare": akshare, "yfinance": PriceHistory, "ccxt": ccxt.binance}[vendor]
    called = getattr(owner, function, None)
    if called is None:
        wrong.append(f"{vendor}.{function} is not there")
        continue
    arguments = {name: value for name, value in arguments.items() if name != "ticker"}
    try:
        inspect.signature(called).bind(*([] if vendor == "akshare" else [None]), **arguments)
    except TypeError as error:
        wrong.append(f"{vendor}.{function}: {error}")
print(json.dumps(wrong))
"""


def test_every_function_we_call_is_there_and_takes_what_we_give(web: StandIn) -> None:
    asked = [(one.vendor, one.function, dict(one.arguments)) for one in every_question()]

    found = subprocess.run(
        [str(PYTHON), "-c", _SIGNATURES],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )

    assert len({(vendor, function) for vendor, function, _ in asked}) == 16
    assert json.loads(found.stdout) == []
