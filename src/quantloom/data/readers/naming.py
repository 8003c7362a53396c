"""What a file holds bars or ticks of: by a column of it, or by its name."""

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path, PurePosixPath

from quantloom.data.readers.lean_names import lean_symbol
from quantloom.data.readers.mapping import Finding
from quantloom.market import AmbiguousMonth, UnknownSymbol, local_symbol, resolve
from quantloom.market.venues import CN_STOCK, find_venue

_SUFFIXES = frozenset(
    [
        ".csv",
        ".txt",
        ".tsv",
        ".dat",
        ".data",
        ".parquet",
        ".pq",
        ".feather",
        ".arrow",
        ".json",
        ".jsonl",
        ".h5",
        ".hdf5",
        ".hdf",
        ".xlsx",
        ".xls",
        ".dsb",
        ".gz",
        ".bz2",
        ".zst",
        ".lz4",
        ".zip",
    ]
)
# Words of file names that tell of the data and not of the instrument.
_WORDS = re.compile(
    r"\d{8}|\d{4}-\d{2}-\d{2}|\d{4}-\d{2}|\d+(?:s|m|min|h|d|w)|m(?:\d{1,2}|120|240)|"
    r"(?:minute|hour|second|daily|day|hourly|tick|ticks|trade|trades|quote|quotes|openinterest|"
    r"bars?|ohlcv?|candles?|klines?|data|data\d*|head\d+|descending|gbk|utf8|raw|unadj|adj|lean|"
    r"american|european|sample|history|historical|1min|book|book\d+|depth|updates?|snapshots?|csv)",
    re.IGNORECASE,
)
_ADJUSTED = {"qfq": "forward", "hfq": "backward", "前复权": "forward", "后复权": "backward"}
_DAY = re.compile(r"(?<!\d)(20\d{2}|19\d{2})[-_]?(0[1-9]|1[0-2])[-_]?(0[1-9]|[12]\d|3[01])(?!\d)")
_MONTH = re.compile(r"(?<!\d)(20\d{2}|19\d{2})[-_]?(0[1-9]|1[0-2])(?!\d)")
_NOWHERE = Path()
_FUTURES = ("future", "swap", "perp", "usdm", "linear")


def bare_name(path: Path, member: str | None = None) -> str:
    """The name of a file, or of its part in an archive, without endings that tell its form."""
    name = PurePosixPath(member.replace("\\", "/")).name if member else path.name
    while True:
        suffix = Path(name).suffix
        if suffix.lower() not in _SUFFIXES or suffix == name:
            return name
        name = name.removesuffix(suffix)


def symbol_of_name(
    name: str, on: date | None, *, is_member: bool = False, folder: Path = _NOWHERE
) -> Finding[str]:
    """Read a symbol from the name of a file.

    Args:
        on: a day of the data, which tells the decade of a Chinese contract.
        is_member: it is the name of a part of an archive; those of LEAN are in lower case.
        folder: where the file lies; of futures LEAN tells the exchange there.
    Returns:
        A symbol at the venue LOCAL, with little confidence, where the name is no symbol.
    """
    contract = lean_symbol(name, folder)
    if contract is not None:
        return Finding(contract, 0.8, (f"LEAN calls it {name!r}",))
    kept = _kept(name)
    for text in _tries(name, kept, is_member=is_member):
        found = find_symbol(text, on)
        if found is not None:
            return Finding(found, 0.8, (f"the file's name says {text!r}",))
    plain = re.sub(r"^\d{8}_(?=[a-z])", "", name)
    why = "the file's name is no symbol that is known"
    return Finding(local_symbol(plain), 0.2, (why,))


def day_of_name(*names: str | None) -> date | None:
    """The day that a file's name tells, such as 20131007_trade.zip."""
    for name in names:
        found = _DAY.search(name or "")
        if found:
            try:
                return date(int(found[1]), int(found[2]), int(found[3]))
            except ValueError:
                continue
    return None


def month_of_name(*names: str | None) -> date | None:
    """The first day of the month that a file's name tells, such as EURUSD_M1_202404.csv."""
    found = next((found for name in names if (found := _MONTH.search(name or ""))), None)
    return date(int(found[1]), int(found[2]), 1) if found else None


def adjustment_of_name(name: str) -> str | None:
    """Whether a file's name says that its prices are adjusted, as qfq and hfq do."""
    lower = name.lower()
    if marked := re.search(r"(?<!\d)\d{6}([QH])(?![A-Za-z0-9])", name):
        return "forward" if marked[1] == "Q" else "backward"
    return next((told for word, told in _ADJUSTED.items() if word in lower), None)


def symbol_of_cell(code: str, venue: str, on: date | None) -> str:
    """The symbol that a cell of a symbol column names, with that of a venue column beside it.

    What is no known symbol becomes one at the venue LOCAL.
    """
    text = code.strip()
    if text.isdigit() and len(text) < 6 and _is_cn(venue):
        text = text.zfill(6)
    for spelling in _spellings(text, venue.strip()):
        found = find_symbol(spelling, on)
        if found is not None:
            return found
    return local_symbol(text)


def find_symbol(text: str, on: date | None) -> str | None:
    """Resolve a spelling; None where it is none that is known."""
    try:
        return resolve(text, on=on).symbol
    except (UnknownSymbol, AmbiguousMonth):
        return None


def _spellings(code: str, venue: str) -> Iterable[str]:
    home = find_venue(venue) or find_venue(re.split(r"[-_ ]", venue)[0]) if venue else None
    if home and any(word in venue.lower() for word in _FUTURES):
        yield f"{code}-PERP.{home}"
    if home:
        yield f"{code}.{home}"
    yield code
    if code != code.upper():
        yield code.upper()


def _is_cn(venue: str) -> bool:
    return find_venue(venue.strip()) in CN_STOCK


def _tries(name: str, kept: list[str], *, is_member: bool) -> Iterable[str]:
    yield name
    for count in range(len(kept), 1, -1):
        for sign in (".", "-"):
            yield sign.join(kept[:count])
    if len(kept) == 1 and not find_venue(kept[0]):
        yield kept[0]
    if is_member or re.match(r"\d{8}_[a-z]+_", name):
        yield "-".join(kept).upper()
    # A ticker among words: the only one that is in capitals, or a pair such as BTCUSD.
    loud = [word for word in kept if word.isupper() and word.isalpha() and not find_venue(word)]
    if len(loud) == 1:
        yield loud[0]


def _kept(name: str) -> list[str]:
    """The words of a name that are not about the data."""
    words = [word for word in re.split(r"[._\-\s()]+", name) if word]
    words = [word for word in words if not _WORDS.fullmatch(word)]
    words = [word for word in words if word.lower() not in _ADJUSTED]
    # WonderTrader marks adjusted shares by a letter behind the code.
    return [re.sub(r"^(\d{6})[QH]$", r"\1", word) for word in words]
