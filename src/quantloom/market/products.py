"""The products of the Chinese futures exchanges, read once from the packaged table."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files

_SOURCES = {
    "wondertrader": "wondertrader commodities.json",
    "unchecked": "default; terms not checked against a source",
}


@dataclass(frozen=True, slots=True)
class Product:
    """What all contracts of one futures product share.

    Attributes:
        code: as its exchange writes it: lower case at SHFE, INE, DCE and GFEX, upper case at
            CZCE and CFFEX.
        name: Chinese short name.
        tick_size: distance between two prices, CNY.
        multiplier: value of one contract at a price of 1, CNY.
        source: where tick and multiplier come from.
    """

    code: str
    venue: str
    name: str
    tick_size: Decimal
    multiplier: Decimal
    source: str


@cache
def products() -> Mapping[str, Product]:
    """Every known product by its lower-case code; no two exchanges share one."""
    text = files("quantloom.market").joinpath("cn_futures.toml").read_text("utf-8")
    found = {}
    for section, venues in tomllib.loads(text).items():
        for venue, rows in venues.items():
            for code, row in rows.items():
                found[code.lower()] = Product(
                    code=code,
                    venue=venue,
                    name=row["name"],
                    tick_size=Decimal(row["tick"]),
                    multiplier=Decimal(row["multiplier"]),
                    source=_SOURCES[section],
                )
    return found


def find_product(code: str, venue: str | None = None) -> Product | None:
    """Look a product up by its code in any case, at one venue or at all."""
    product = products().get(code.lower())
    return product if product and venue in {None, product.venue} else None
