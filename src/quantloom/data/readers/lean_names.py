"""Contracts by the names that LEAN gives to the parts of its archives of futures and options."""

import re
from pathlib import Path

from quantloom.market.option_codes import occ_code
from quantloom.market.venues import FOREIGN_FUTURES

_HEAD = r"(?:\d{8}_)?([a-z]{1,5})(?:_(?:minute|second|tick|hour|daily))?_(?:trade|quote)"
_OPTION = re.compile(
    rf"{_HEAD}_(?:american|european)_(call|put)_(\d+)_20(\d{{6}})", re.ASCII | re.IGNORECASE
)
_FUTURE = re.compile(
    r"(?:\d{8}_)?([a-z0-9]{1,5})(?:_(?:minute|second|tick|hour|daily))?_(?:trade|quote)"
    r"_20(\d\d)(0[1-9]|1[0-2])(?:_\d{8})?",
    re.ASCII | re.IGNORECASE,
)
_MONTHS = "FGHJKMNQUVXZ"
_FOLDERS = 4


def lean_symbol(name: str, folder: Path) -> str | None:
    """Read the contract from the name of a part; None where it is no such name.

    Args:
        name: without its ending.
        folder: that of the archive; of futures it tells the exchange, as in `future/cme/minute/es`.
    """
    words = _words(folder)
    if option := _OPTION.fullmatch(name):
        # Options on futures are named alike, and are none of OCC's.
        return None if _is_of_futures(words) else _option(*option.groups())
    if (future := _FUTURE.fullmatch(name)) and _is_of_futures(words):
        venues = {word.upper() for word in words} & set(FOREIGN_FUTURES)
        root, year, month = future.groups()
        contract = f"{root.upper()}{_MONTHS[int(month) - 1]}{year}"
        return f"{contract}.{venues.pop()}" if len(venues) == 1 else None
    return None


def _option(root: str, right: str, strike: str, expiry: str) -> str | None:
    # Ten-thousandths of a dollar there, thousandths here.
    thousandths, rest = divmod(int(strike), 10)
    if rest or thousandths >= 10**8:
        return None
    return f"{occ_code(root, expiry, right[0].upper(), thousandths)}.US"


def _words(folder: Path) -> set[str]:
    parts = folder.absolute().parts[-_FOLDERS:]
    return {word for part in parts for word in re.split(r"[^a-z]+", part.lower())}


def _is_of_futures(words: set[str]) -> bool:
    return bool(words & {"future", "futures", "futureoption"})
