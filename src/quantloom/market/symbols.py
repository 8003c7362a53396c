"""One reader for the symbol spellings people use; it says what it took each for.

The canonical spelling is `code.VENUE`, safe in a URL path. `docs/reference/symbols.md` has the
whole table.
"""

import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from quantloom.errors import Invalid, NotFound
from quantloom.market import venues
from quantloom.market.instruments import Kind
from quantloom.market.option_codes import cn_fund_option, cn_option, us_option
from quantloom.market.products import Product, find_product, products
from quantloom.market.venues import find_venue

_SHOWN = 3
_EXAMPLES = "600519, 600519.SH, rb2410, SHFE.rb.HOT, AAPL.US, BTC/USDT, EURUSD or 000300.INDEX"

_CITY = {"SSE": "Shanghai", "SZSE": "Shenzhen", "BSE": "Beijing"}
# First digits of the six-digit codes; an index is looked for first, 899 being one of 8.
_CN_CODES: dict[str, dict[Kind, tuple[str, ...]]] = {
    "SZSE": {
        Kind.INDEX: ("399",),
        Kind.STOCK: ("000", "001", "002", "003", "200", "300", "301", "302"),
        Kind.FUND: ("15", "16", "18"),
        Kind.BOND: ("123", "125", "127", "128"),
    },
    "SSE": {
        Kind.INDEX: ("000",),
        Kind.STOCK: ("600", "601", "603", "605", "688", "689", "900"),
        Kind.FUND: ("50", "51", "52", "53", "56", "58"),
        Kind.BOND: ("110", "111", "113", "118"),
    },
    "BSE": {Kind.INDEX: ("899",), Kind.STOCK: ("4", "8", "92")},
}
# Bonds that cannot be converted; their codes tell the venue less well, so it must be given.
_PLAIN_BONDS = {
    "SZSE": ("10", "111", "112", "114", "133", "134", "148", "149"),
    "SSE": ("01", "02", "12", "13", "14", "15", "16", "17", "18"),
    "BSE": (),
}
# Shenzhen has listed no stock of this code, so the bare code can only be the CSI 300.
_INDEX_ONLY = "000300"
_INDEX_NAMES = {"GSPC": "SPX", "SPX": "SPX"} | {
    name: name for name in ("DJI", "IXIC", "NDX", "RUT", "VIX")
}

_FIAT_NAMES = (
    "USD EUR GBP JPY CHF AUD NZD CAD CNY CNH HKD SGD SEK NOK DKK PLN CZK HUF TRY ZAR MXN BRL RUB "
    "INR KRW TWD THB ILS XAU XAG XPT XPD"
)
_COIN_NAMES = (
    "BTC ETH BNB SOL XRP ADA DOGE LTC BCH ETC EOS TRX DOT AVAX LINK XLM XMR ZEC DASH ATOM UNI XBT "
    "MATIC POL NEAR FIL APT ARB OP SUI TON SHIB PEPE"
)
_FIAT = frozenset(_FIAT_NAMES.split())
_COINS = frozenset(_COIN_NAMES.split())
_STABLE = frozenset({"USDT", "USDC", "BUSD", "FDUSD", "TUSD", "USDD", "DAI"})
_QUOTES = _STABLE | _FIAT | {"BTC", "ETH", "BNB"}

_DOLLAR = "USD"
_US = "US"

_MAIN = re.compile(r"([a-z]{1,2})(?:[._-](?:hot|main)|888?|9999)", re.ASCII | re.IGNORECASE)
_CONTRACT = re.compile(r"([a-z]{1,2})(\d?\d)(0[1-9]|1[0-2])", re.ASCII | re.IGNORECASE)
_FX_PAIR = re.compile(r"([A-Z]{3})[/-]?([A-Z]{3})(?:=X)?", re.ASCII)
_PERP = re.compile(r"(.+?)(?::([A-Z]+)|[-_](?:PERP|SWAP)|\.P)", re.ASCII)
_PAIR = re.compile(r"([A-Z0-9]{1,15})[/_-]([A-Z]{3,5})", re.ASCII)
_JOINED = re.compile(rf"([A-Z0-9]{{1,15}}?)({'|'.join(sorted(_QUOTES))})", re.ASCII)
_TICKER = re.compile(r"([A-Z]{1,5})(?:[.-]([A-C]))?", re.ASCII)
_GLUED = re.compile(r"(sh|sz|bj)(\d{6})", re.ASCII | re.IGNORECASE)
_PLAIN = re.compile(r"[A-Z0-9-]+", re.ASCII | re.IGNORECASE)
_LOCAL = re.compile(r"[A-Z0-9_-]+", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a spelling was taken for.

    Attributes:
        symbol: canonical spelling, `code.VENUE`.
        note: the reading in words, with anything that was assumed.
    """

    symbol: str
    venue: str
    code: str
    kind: Kind
    note: str


class UnknownSymbol(NotFound):
    """A spelling that no reader understands."""

    code = "market.unknown_symbol"

    def __init__(self, text: str, on: date | None = None) -> None:
        super().__init__(text, on)
        self.text, self.on = text, on

    @property
    def suggestions(self) -> tuple[str, ...]:
        """Near spellings that would be read, looked for when somebody asks.

        Most who try a spelling go on to another one, and looking is a hundred times as dear.
        """
        return _suggestions(self.text.strip(), self.on)

    def __str__(self) -> str:
        near = self.suggestions
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        return (
            f"{self.text!r} is no known symbol; write it like {_EXAMPLES}, "
            f"or NAME.LOCAL for one of your own{hint}"
        )


class AmbiguousMonth(Invalid):
    """A contract month with one digit for the year, and no date to tell the decade by."""

    code = "market.ambiguous_month"

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return (
            f"{self.text!r} names one contract in every ten years; pass the date it was quoted on, "
            "resolve(text, on=date(...)), or write four digits, like TA2501"
        )


@dataclass(frozen=True, slots=True)
class _Reading:
    code: str
    venue: str
    kind: Kind
    what: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A spelling cut in two; a reader answers for its venues and for none."""

    code: str
    venue: str | None
    on: date | None

    def at(self, *own: str) -> bool:
        return self.venue is None or self.venue in own


_Reader = Callable[[_Asked], _Reading | None]


def resolve(text: str, on: date | None = None) -> Resolution:
    """Read a symbol in any of the usual spellings.

    Args:
        text: such as `600519.SH`, `SHFE.rb.HOT`, `TA501`, `AAPL` or `BTC/USDT`. A canonical
            symbol gives itself.
        on: a day on which the contract was quoted; three-digit months of CZCE need it. The
            delivery month nearest to that day is taken, the later one of two equally near.
    Raises:
        UnknownSymbol: no spelling that is understood; close ones are suggested.
        AmbiguousMonth: a three-digit month without `on`.
    """
    spelling = text.strip()
    reading = _read(spelling, on)
    if reading is None:
        raise UnknownSymbol(text, on)
    symbol = f"{reading.code}.{reading.venue}"
    note = f"{spelling} taken for the {reading.what} {symbol}{reading.remark}"
    return Resolution(symbol, reading.venue, reading.code, reading.kind, note)


def local_symbol(name: str) -> str:
    """Make a canonical symbol of any name, such as a file's, at the venue `LOCAL`.

    Letters beyond ASCII become their code point, other signs a hyphen, so that it stays safe in
    a URL path and names that differ in letters stay apart.
    """
    code = re.sub(r"[^\W_a-zA-Z0-9]", lambda sign: f"u{ord(sign[0]):x}", name.strip())
    return f"{re.sub(r'[^a-zA-Z0-9_-]', '-', code) or '-'}.{venues.LOCAL}"


# A rule book asks for the same few symbols again and again.
@lru_cache(maxsize=4_096)
def _read(spelling: str, on: date | None) -> _Reading | None:
    for code, venue in _splits(spelling):
        for reader in _READERS:
            reading = reader(_Asked(code, venue, on))
            if reading is not None:
                return reading
    return None


def _splits(spelling: str) -> Iterator[tuple[str, str | None]]:
    """Cut off a venue behind, before or glued on, then offer the whole without one."""
    code, _, suffix = spelling.rpartition(".")
    if code and (venue := find_venue(suffix)):
        yield code, venue
    prefix, _, code = spelling.replace(":", ".", 1).partition(".")
    if code and (venue := find_venue(prefix)):
        yield code, venue
    if glued := _GLUED.fullmatch(spelling):
        yield glued[2], find_venue(glued[1])
    yield spelling, None


def _read_cn_security(asked: _Asked) -> _Reading | None:
    if not re.fullmatch(r"[0-9]{6}", asked.code) or not asked.at(*venues.CN_STOCK):
        return None
    if asked.venue is None:
        return _bare_cn_security(asked.code)
    return _cn_security(asked.code, asked.venue)


def _cn_security(code: str, venue: str) -> _Reading | None:
    kind = _cn_kind(code, venue)
    if kind is None and code.startswith(_PLAIN_BONDS[venue]):
        kind = Kind.BOND
    if kind is None:
        return None
    home = venues.INDEX if kind is Kind.INDEX else venue
    return _Reading(code, home, kind, f"{_CITY[venue]} {kind}")


def _bare_cn_security(code: str) -> _Reading | None:
    if code == _INDEX_ONLY:
        return _Reading(code, venues.INDEX, Kind.INDEX, "CSI 300 index")
    # Shenzhen comes first: 000001 is the stock more often than the Shanghai index.
    venue = next((venue for venue in venues.CN_STOCK if _cn_kind(code, venue)), None)
    reading = _cn_security(code, venue) if venue else None
    if reading is None or venue != "SZSE" or _cn_kind(code, "SSE") is not Kind.INDEX:
        return reading
    remark = f"; the Shanghai index of that code is {code}.INDEX"
    return _Reading(reading.code, reading.venue, reading.kind, reading.what, remark)


def _cn_kind(code: str, venue: str) -> Kind | None:
    kinds = _CN_CODES[venue].items()
    return next((kind for kind, starts in kinds if code.startswith(starts)), None)


def _read_index(asked: _Asked) -> _Reading | None:
    name = asked.code.removeprefix("^").upper()
    # Bare lower case is more likely somebody's file name.
    is_known = asked.venue is None and asked.code.isupper() and name in _INDEX_NAMES
    if is_known or (asked.venue == venues.INDEX and _PLAIN.fullmatch(name)):
        return _Reading(_INDEX_NAMES.get(name, name), venues.INDEX, Kind.INDEX, "index")
    return None


def _read_cn_future(asked: _Asked) -> _Reading | None:
    main, contract = _MAIN.fullmatch(asked.code), _CONTRACT.fullmatch(asked.code)
    match = main or contract
    product = find_product(match[1], asked.venue) if match else None
    if product is None:
        return None
    if main:
        what = "dominant contract chain"
        return _Reading(f"{product.code}-MAIN", product.venue, Kind.FUTURE, what)
    return _contract(product, asked.code, asked.on)


def _contract(product: Product, code: str, on: date | None) -> _Reading | None:
    year, month = code[len(product.code) : -2], code[-2:]
    if len(year) == 2:
        return _Reading(f"{product.code}{year}{month}", product.venue, Kind.FUTURE, "contract")
    if product.venue != "CZCE":
        return None
    if on is None:
        raise AmbiguousMonth(code)
    year = f"{_nearest_year(int(year), int(month), on) % 100:02d}"
    remark = f", the delivery nearest to {on:%Y-%m-%d}"
    return _Reading(f"{product.code}{year}{month}", product.venue, Kind.FUTURE, "contract", remark)


def _read_cn_option(asked: _Asked) -> _Reading | None:
    option = cn_option(asked.code, asked.venue)
    if option is None:
        return None
    product = option.product
    # Its month is told as that of a future is.
    month = _contract(product, f"{product.code}{option.month}", asked.on)
    if month is None:
        return None
    code = option.code(month.code.removeprefix(product.code))
    return _Reading(code, product.venue, Kind.OPTION, "option", month.remark)


def _read_cn_fund_option(asked: _Asked) -> _Reading | None:
    found = cn_fund_option(asked.code, asked.venue)
    return _Reading(*found, Kind.OPTION, "option on a fund") if found else None


def _read_us_option(asked: _Asked) -> _Reading | None:
    # Every exchange trades all of them, so a venue that was told is none of their own.
    code = us_option(asked.code) if asked.at(*venues.US_STOCK) else None
    return _Reading(code, _US, Kind.OPTION, "US option") if code else None


def _nearest_year(digit: int, month: int, on: date) -> int:
    """Find the year ending in `digit` whose delivery month is nearest; the later one if equal."""
    decade = on.year - on.year % 10
    years = (decade + 10 + digit, decade + digit, decade - 10 + digit)
    return min(years, key=lambda year: abs((year - on.year) * 12 + month - on.month))


def _read_fx(asked: _Asked) -> _Reading | None:
    pair = _FX_PAIR.fullmatch(asked.code.upper())
    if not asked.at(venues.FX) or pair is None or pair[1] == pair[2]:
        return None
    if not {pair[1], pair[2]} <= _FIAT:
        return None
    return _Reading(f"{pair[1]}{pair[2]}", venues.FX, Kind.FX, "currency pair")


def _read_crypto(asked: _Asked) -> _Reading | None:
    if not asked.at(*venues.CRYPTO):
        return None
    upper = asked.code.upper()
    perp = _PERP.fullmatch(upper)
    pair = _pair(perp[1] if perp else upper, any_base=asked.venue is not None)
    if pair is None:
        return None
    # A swap quoted in dollars that nobody holds as a coin is settled in its base.
    settled = pair[0] if perp and pair[1] == _DOLLAR else pair[1]
    if perp and perp[2] not in {None, settled}:
        return None
    kind, what, suffix = Kind.SPOT, "spot pair", ""
    if perp:
        kind, what, suffix = Kind.PERPETUAL, "perpetual swap", "-PERP"
    if settled == pair[0]:
        kind, what = Kind.INVERSE, "inverse perpetual swap"
    home = asked.venue or _usual_venue(upper, settled)
    remark = "" if asked.venue else f"; no venue was given, {home} is assumed"
    return _Reading(f"{pair[0]}-{pair[1]}{suffix}", home, kind, what, remark)


def _pair(text: str, *, any_base: bool) -> tuple[str, str] | None:
    """Split into base and quote; a pair without a sign between needs a quote that tells."""
    if match := _PAIR.fullmatch(text):
        base, quote = match[1], match[2]
        return (base, quote) if quote in _QUOTES and base != quote else None
    if match := _JOINED.fullmatch(text):
        base, quote = match[1], match[2]
        tells = any_base or quote in _STABLE or base in _COINS
        return (base, quote) if tells and base != quote else None
    return None


def _usual_venue(spelling: str, quote: str) -> str:
    if spelling.endswith("SWAP"):
        return "OKX"
    return "COINBASE" if quote in _FIAT else "BINANCE"


def _read_us_stock(asked: _Asked) -> _Reading | None:
    ticker = _TICKER.fullmatch(asked.code.upper() if asked.venue else asked.code)
    if ticker is None or not asked.at(*venues.US_STOCK):
        return None
    name = f"{ticker[1]}-{ticker[2]}" if ticker[2] else ticker[1]
    remark = "" if asked.venue else "; its listing exchange is not known, so the venue is US"
    return _Reading(name, asked.venue or _US, Kind.STOCK, "US stock", remark)


def _read_foreign_future(asked: _Asked) -> _Reading | None:
    if asked.venue not in venues.FOREIGN_FUTURES or not _PLAIN.fullmatch(asked.code):
        return None
    return _Reading(asked.code.upper(), asked.venue, Kind.FUTURE, "contract")


def _read_local(asked: _Asked) -> _Reading | None:
    if asked.venue != venues.LOCAL or not _LOCAL.fullmatch(asked.code):
        return None
    return _Reading(asked.code, asked.venue, Kind.STOCK, "data of unknown origin")


_READERS: tuple[_Reader, ...] = (
    _read_cn_security,
    _read_index,
    _read_cn_future,
    _read_cn_option,
    _read_cn_fund_option,
    _read_us_option,
    _read_fx,
    _read_crypto,
    _read_us_stock,
    _read_foreign_future,
    _read_local,
)


def _suggestions(spelling: str, on: date | None) -> tuple[str, ...]:
    """Near spellings that do resolve: without the venue, in upper case, the main chain."""
    tries = [code for code, _ in _splits(spelling)]
    letters = re.split(r"[^a-zA-Z]", tries[0], maxsplit=1)[0]
    near = difflib.get_close_matches(letters.lower(), products(), n=2, cutoff=0.8)
    tries += [spelling.upper(), *(f"{code}-MAIN" for code in near)]
    found = (_read_quietly(text, on) for text in tries)
    return tuple(dict.fromkeys(f"{one.code}.{one.venue}" for one in found if one))[:_SHOWN]


def _read_quietly(text: str, on: date | None) -> _Reading | None:
    try:
        return _read(text, on)
    except AmbiguousMonth:
        return None
