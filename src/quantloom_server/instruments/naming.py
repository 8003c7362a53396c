"""What instruments are called, in both languages, and how the Chinese names are typed.

Pinyin is worked out when the package is made, by `tools/pinyin_names.py`: the library that knows it
would cost every process forty megabytes and half a second.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import msgspec

from quantloom.market import Kind, Product, Resolution, find_product
from quantloom.market.venues import CN_FUTURES, CRYPTO

_CHAIN = {"zh": "主连", "en": "dominant chain"}


@dataclass(frozen=True, slots=True)
class Names:
    """What an instrument is called; empty where nobody told.

    Attributes:
        spelled: the Chinese name in pinyin, whole and by initials, in every usual reading.
    """

    zh: str = ""
    en: str = ""
    spelled: tuple[str, ...] = ()


class Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The packaged file of names."""

    products: Mapping[str, str]
    securities: Mapping[str, tuple[str, str]]
    coins: Mapping[str, tuple[str, str]]


def names_of(found: Resolution) -> Names:
    """Name an instrument as far as the packaged names reach."""
    if found.venue in CN_FUTURES and found.kind is Kind.FUTURE:
        return _of_contract(found)
    if found.venue in CRYPTO:
        return _of_pair(found)
    return _named(*told().securities.get(found.symbol, ("", "")))


@cache
def told() -> Told:
    """The packaged names."""
    return msgspec.toml.decode(_read("names.toml"), type=Told)


def product_of(found: Resolution) -> Product | None:
    """The product of a contract or chain of a Chinese futures exchange."""
    code = found.code.removesuffix("-MAIN").rstrip("0123456789")
    return find_product(code, found.venue)


def _of_contract(found: Resolution) -> Names:
    product = product_of(found)
    if product is None:
        return Names()
    part = found.code.removeprefix(product.code)
    base = _named(product.name, told().products.get(product.code, ""))
    if part == "-MAIN":
        return Names(base.zh + _CHAIN["zh"], f"{base.en}, {_CHAIN['en']}", base.spelled)
    spelled = tuple(f"{one}{part}" for one in base.spelled)
    return Names(f"{base.zh}{part}", f"{base.en} {part}", spelled)


def _of_pair(found: Resolution) -> Names:
    base, _, quote = found.code.removesuffix("-PERP").partition("-")
    named = _named(*told().coins.get(base, ("", "")))
    if not named.en:
        return named
    is_swap = found.kind is not Kind.SPOT
    zh = f"{named.zh}/{quote}{'永续' if is_swap else ''}"
    return Names(zh, f"{named.en} / {quote}{' perpetual' if is_swap else ''}", named.spelled)


def _named(zh: str, en: str) -> Names:
    return Names(zh, en, _spellings().get(zh, ()))


@cache
def _spellings() -> Mapping[str, tuple[str, ...]]:
    return msgspec.json.decode(_read("pinyin.json"), type=dict[str, tuple[str, ...]])


def _read(name: str) -> bytes:
    return files("quantloom_server.instruments").joinpath(name).read_bytes()
