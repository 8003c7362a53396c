"""Venue names, and the other spellings people use for them."""

CN_STOCK = ("SZSE", "SSE", "BSE")
CN_FUTURES = ("CFFEX", "SHFE", "INE", "DCE", "CZCE", "GFEX")
US_STOCK = ("US", "NASDAQ", "NYSE", "AMEX", "ARCA", "BATS")
CRYPTO = (
    "BINANCE",
    "OKX",
    "BYBIT",
    "COINBASE",
    "KRAKEN",
    "BITGET",
    "BITFINEX",
    "BITMEX",
    "BITSTAMP",
    "BITTREX",
    "DERIBIT",
    "GATE",
    "HTX",
    "HYPERLIQUID",
    "KUCOIN",
    "MEXC",
)
FOREIGN_FUTURES = ("CME", "CBOT", "COMEX", "NYMEX", "ICE", "EUREX", "HKFE", "SGX", "LME")
FX = "FX"
INDEX = "INDEX"
LOCAL = "LOCAL"
"""Venue of data that nothing is known about, such as a user's own file."""

VENUES = (*CN_STOCK, *CN_FUTURES, *US_STOCK, *CRYPTO, *FOREIGN_FUTURES, FX, INDEX, LOCAL)

_ALIASES = {
    "SSE": ("SH", "SS", "XSHG", "SHSE"),
    "SZSE": ("SZ", "XSHE"),
    "BSE": ("BJ", "BJSE", "XBSE"),
    "CFFEX": ("CFE", "CFX", "CCFX"),
    "SHFE": ("SHF", "XSGE"),
    "INE": ("XINE",),
    "DCE": ("XDCE",),
    "CZCE": ("CZC", "ZCE", "XZCE"),
    "GFEX": ("GFE", "XGFE"),
    "NASDAQ": ("XNAS", "O"),
    "NYSE": ("XNYS", "N"),
    "AMEX": ("XASE",),
    "ARCA": ("ARCX", "NYSEARCA"),
    "OKX": ("OKEX",),
    "HTX": ("HUOBI",),
    "GATE": ("GATEIO",),
    "CME": ("XCME",),
    "CBOT": ("XCBT",),
    "NYMEX": ("XNYM",),
    "COMEX": ("XCEC",),
    "FX": ("FOREX",),
    "INDEX": ("IDX", "CSI"),
}

_VENUE_OF = {venue: venue for venue in VENUES} | {
    alias: venue for venue, aliases in _ALIASES.items() for alias in aliases
}


def find_venue(text: str) -> str | None:
    """Look a venue up by its name or another spelling of it, in any case."""
    return _VENUE_OF.get(text.upper())
