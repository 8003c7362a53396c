"""The codes of option contracts: of futures and index options, of funds, and of US shares."""

import re
from dataclasses import dataclass

from quantloom.market.products import Product, find_product

# What CFFEX calls the options on an index, by the future on the same index.
_INDEX_OPTIONS = {"IO": "IF", "HO": "IH", "MO": "IM"}
_CFFEX = "CFFEX"
# SHFE, INE and CZCE write no hyphens.
_HYPHENED = (_CFFEX, "DCE", "GFEX")
_CN = re.compile(
    r"([a-z]{1,2})(\d?\d(?:0[1-9]|1[0-2]))[-._ ]?(?:(ms)[-._ ]?)?([cp])[-._ ]?([1-9]\d{0,5})",
    re.ASCII | re.IGNORECASE,
)
# Fund, right, month, M or the letter of a change by a dividend, strike in tenths of a cent.
_CN_FUND = re.compile(r"(\d{6})([CP])\d\d(?:0[1-9]|1[0-2])([A-Z])\d{5}", re.ASCII)
_CN_FUND_NUMBERS = {"SSE": "10", "SZSE": "90"}
_CN_FUNDS = {"SSE": ("51", "58"), "SZSE": ("15",)}
_OCC = re.compile(
    r"([A-Z]{1,5}\d?) *(\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))([CP])(\d{8})", re.ASCII
)


@dataclass(frozen=True, slots=True)
class CnOption:
    """An option of a Chinese futures exchange, cut into its parts.

    Attributes:
        product: the one whose hours and multiplier it shares, but for index options.
        root: what it is called, the product's own code but for index options.
        month: three or four digits, as they were written.
        series: `MS` of a month that is no delivery month of the future, else empty.
        right: C or P.
    """

    product: Product
    root: str
    month: str
    series: str
    right: str
    strike: str

    @property
    def is_on_index(self) -> bool:
        """Whether it pays in money, at 100 CNY a point."""
        return self.product.venue == _CFFEX

    def code(self, month: str) -> str:
        """The code as its exchange writes it.

        Args:
            month: four digits.
        """
        sign = "-" if self.product.venue in _HYPHENED else ""
        parts = (f"{self.root}{month}", self.series, self.right, self.strike)
        return sign.join(part for part in parts if part)


def cn_option(code: str, venue: str | None = None) -> CnOption | None:
    """Read the code of an option of a Chinese futures exchange, such as m2409-C-3000.

    Args:
        code: in any case, with or without hyphens.
        venue: where it is looked for; at every one of them where it is not given.
    """
    cut = _CN.fullmatch(code)
    if cut is None:
        return None
    root = cut[1].upper()
    product = find_product(_INDEX_OPTIONS.get(root, root), venue)
    # CFFEX has options on indices alone, and calls none of them as it calls the future.
    if product is None or (product.venue == _CFFEX) != (root in _INDEX_OPTIONS):
        return None
    name = root if product.venue == _CFFEX else product.code
    return CnOption(product, name, cut[2], (cut[3] or "").upper(), cut[4].upper(), cut[5])


def cn_fund_option(code: str, venue: str | None = None) -> tuple[str, str] | None:
    """Read the code of an option on a fund: its trading code, or its number with a venue.

    Returns:
        Code and venue; None where it is no such code.
    """
    upper = code.upper()
    cut = _CN_FUND.fullmatch(upper)
    if cut is not None:
        homes = [home for home, starts in _CN_FUNDS.items() if cut[1].startswith(starts)]
        return (upper, homes[0]) if homes and venue in {None, homes[0]} else None
    start = _CN_FUND_NUMBERS.get(venue or "")
    is_number = re.fullmatch(r"\d{8}", code, re.ASCII) is not None
    return (code, venue) if venue and start and is_number and code.startswith(start) else None


def us_option(code: str) -> str | None:
    """Read a code of OCC, padded or not: root, yymmdd of expiry, C or P, strike in 8 digits."""
    cut = _OCC.fullmatch(code.upper())
    return "".join(cut.groups()) if cut else None


def occ_code(root: str, expiry: str, right: str, strike: int) -> str:
    """Make a code of OCC.

    Args:
        expiry: yymmdd. right: C or P. strike: in thousandths of a dollar.
    """
    return f"{root.upper()}{expiry}{right}{strike:08d}"
