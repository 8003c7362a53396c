"""What the names of columns say, in the words that vendors and platforms use for them."""

import re
import unicodedata
from dataclasses import dataclass

from quantloom.data.readers.mapping import Role

_WORDS: dict[Role, str] = {
    Role.TIME: (
        "ts timestamp timestamputc datetime dateandtime time tradetime bartime opentime bob eob "
        "begintime starttime unixtime unix epoch unixtimestamp datetimeutc utc timeutc "
        "klineopentime localtime exchtime updatetime candlebegintime transacttime "
        "时间 日期时间 交易时间 行情时间 更新时间 成交时间 时间戳 index level0"
    ),
    Role.DATE: (
        "date day tradedate tradingdate dt actiondate sessiondate session "
        "日期 交易日期 交易日 成交日期 tradingday"
    ),
    Role.CLOCK: "time timeofday clock updatetime minute tradetime 时间 成交时间 交易时间",
    Role.RECEIVED: "localtimestamp localns received receivedtime recvtime localtime arrival",
    Role.OPEN: "open o openprice opening openpx 开盘 开盘价 今开 今开盘 开",
    Role.HIGH: "high h highprice highest highpx max 最高 最高价 高",
    Role.LOW: "low l lowprice lowest lowpx min 最低 最低价 低",
    Role.CLOSE: "close c closeprice closing closepx last closelast 收盘 收盘价 收 最新价 今收",
    Role.VOLUME: (
        "volume vol v tradingvolume tradevolume totalvolume volumetraded tickvol tickvolume "
        "basevolume volumebase qty quantity totalqty shares contracts 成交量 成交股数 总手 量 "
        "成交数量 交易量"
    ),
    Role.TURNOVER: (
        "turnover amount amt money value totalturnover quotevolume quoteassetvolume "
        "volumequote tradeamount totalvalue turnovervalue notional cost 成交额 成交金额 金额 额 "
        "交易额"
    ),
    Role.OPEN_INTEREST: "openinterest oi openint hold position openpositions 持仓量 持仓",
    Role.SETTLEMENT: "settlement settle settleprice settlementprice 结算价 结算",
    Role.ADJ_CLOSE: (
        "adjclose adjcp adjustedclose closeadj adjclosingprice adjustedcloseprice 复权收盘价"
    ),
    Role.SYMBOL: (
        "symbol ticker tic code tscode localsymbol instrument instrumentid securityid windcode "
        "orderbookid contract stockcode secid sid ric asset pair market stock isin "
        "代码 股票代码 证券代码 合约 合约代码 品种 标的"
    ),
    Role.VENUE: "exchange market exchangeid mic venue 交易所 市场 交易市场",
    Role.PRICE: "price lastprice tradeprice last px matchprice dealprice 成交价 价格 最新价",
    Role.SIZE: (
        "qty quantity size amount lastvolume tradevolume tradeqty volume vol lastqty "
        "tradesize 成交量 数量 手数 现手"
    ),
    Role.SIDE: (
        "side direction bsflag takerside aggressorside buyorsell type bs isbuyermaker "
        "买卖方向 方向 性质"
    ),
    Role.UPDATE: "updatetype",
    Role.MID: "mid midpoint midprice",
}
_ROLES: dict[str, tuple[Role, ...]] = {}
for _role, _text in _WORDS.items():
    for _word in _text.split():
        _ROLES[_word] = (*_ROLES.get(_word, ()), _role)

_BOOK = (
    # As Tardis names levels, the best being 0.
    (re.compile(r"(ask|bid)s?\[(\d+)\]\.?(price|amount|size|qty|quantity|volume)"), 1),
    # As CTP does, the best being 1; then with the level before what it is of.
    (re.compile(r"(ask|bid|a|b)(price|volume|size|qty|vol|amount|p|v|px|sz)?(\d*)()"), 0),
    (re.compile(r"(ask|bid|a|b)(\d+)(price|volume|size|qty|vol|amount|p|v|px|sz)"), 0),
    (re.compile(r"(best)(ask|bid)(price|qty|size|amount|volume)?"), 0),
)
_FROM_MIDDLE = re.compile(r"(ask|bid)s?(distance|notional)(\d+)")
_PRICES = {"", "price", "p", "px"}
_CN_BOOK = re.compile(r"(?:申)?(买|卖)(价|量)?([一二三四五六七八九十1-9])?(价|量)?")
_CN_LEVELS = "一二三四五六七八九十"
_LOTS = re.compile(r"[(\[]?(手|lots?)[)\]]?$")
_UNITS = (
    (re.compile(r"[(\[](?:亿元?)[)\]]"), 1e8),
    (re.compile(r"[(\[](?:万元?|万股)[)\]]"), 1e4),
    (re.compile(r"[(\[](?:千元?|千股)[)\]]"), 1e3),
    (re.compile(r"[(\[](?:thousands?|k|'?000s?)[)\]]"), 1e3),
    (re.compile(r"[(\[](?:millions?|m)[)\]]"), 1e6),
)


@dataclass(frozen=True, slots=True)
class Named:
    """What a column's name says.

    Attributes:
        roles: what it may be for, the likeliest first; empty where the name says nothing.
        level: of the book; 0 for anything else.
        scale: the unit that stands in brackets behind the name, such as 10,000 for 万元.
        in_lots: whether the name says that it counts lots.
    """

    roles: tuple[Role, ...]
    level: int = 0
    scale: float = 1.0
    in_lots: bool = False


def read_name(name: str) -> Named:
    """Read a column's name, in any case and with any signs between its words."""
    text = unicodedata.normalize("NFKC", name).strip().strip("<>").lower()
    scale = next((factor for pattern, factor in _UNITS if pattern.search(text)), 1.0)
    in_lots = bool(_LOTS.search(text))
    bare = re.sub(r"\([^)]*\)", "", text)
    plain = re.sub(r"[\s_.\-/<>\"']+", "", bare)
    if distant := _FROM_MIDDLE.fullmatch(plain):
        return Named((Role(f"{distant[1]}_{distant[2]}"),), int(distant[3]) + 1)
    book = _book(text, plain)
    if book is not None:
        return book
    roles = _ROLES.get(plain, ())
    if not roles and "." in bare:
        # Of nested records the last part tells; a letter is a symbol there, as in data.s.
        last = bare.rpartition(".")[2]
        roles = (Role.SYMBOL,) if last == "s" else _ROLES.get(last, ()) if len(last) > 1 else ()
    if not roles:
        roles = _prefixed(plain)
    return Named(roles, scale=scale, in_lots=in_lots)


def plain_name(name: str) -> str:
    """The name an extra column goes by: lower case, words joined by underscores."""
    text = unicodedata.normalize("NFKC", name).strip().strip("<>").lower()
    return re.sub(r"[\s.\-/]+", "_", text).strip("_")


def _prefixed(plain: str) -> tuple[Role, ...]:
    """`volume_btc` and `vol_usd` count something of that currency; which is for figures to say."""
    if re.fullmatch(r"(volume|vol)[a-z]{3,5}", plain):
        return (Role.VOLUME, Role.TURNOVER)
    return ()


def _book(text: str, plain: str) -> Named | None:
    indexed = _BOOK[0][0].fullmatch(re.sub(r"[\s_]+", "", text))
    if indexed:
        return _side(indexed[1], indexed[3], int(indexed[2]) + 1)
    if best := _BOOK[3][0].fullmatch(plain):
        return _side(best[2], best[3] or "", 1)
    if lettered := _BOOK[1][0].fullmatch(plain):
        is_letter = len(lettered[1]) == 1
        if is_letter and not (lettered[2] and lettered[3]):
            return None
        return _side(lettered[1], lettered[2] or "", int(lettered[3] or 1))
    if numbered := _BOOK[2][0].fullmatch(plain):
        return _side(numbered[1], numbered[3], int(numbered[2]))
    return _chinese_book(plain)


def _chinese_book(plain: str) -> Named | None:
    found = _CN_BOOK.fullmatch(plain)
    if not found or not found[3]:
        return None
    level = int(found[3]) if found[3].isdigit() else _CN_LEVELS.index(found[3]) + 1
    what = found[2] or found[4] or "价"
    return _side("bid" if found[1] == "买" else "ask", "price" if what == "价" else "volume", level)


def _side(side: str, what: str, level: int) -> Named:
    is_bid = side.startswith("b")
    if what in _PRICES:
        return Named((Role.BID if is_bid else Role.ASK,), level)
    return Named((Role.BID_SIZE if is_bid else Role.ASK_SIZE,), level)
