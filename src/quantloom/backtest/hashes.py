"""The hashes that say how to get a result again, and what they are of."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from quantloom.backtest.tables import Table
from quantloom.market import Bars

# Times and exposures follow from bars and fills, and a long run has millions of them.
_HASHED_OF_EQUITY = ("equity", "cash")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hashes:
    """SHA-256 of what went in. Equal hashes on one machine give an equal `result`.

    Those of bars and tables are empty until they are asked for.

    Attributes:
        data: of the bars. code: of the strategy's source. spec: of the settings, seed included.
        rules: version of the rule book; empty for a run without.
        facts: of what it was told besides bars, such as dividends; empty where nothing was.
        result: of the orders, fills, round trips and equity that came out.
    """

    data: str = ""
    code: str
    spec: str
    seed: int
    engine: str
    result: str = ""
    rules: str = ""
    facts: str = ""


def tables_digest(tables: Mapping[str, Table]) -> str:
    """SHA-256 over every cell of the tables but for what of the equity follows from the others."""
    hashing = hashlib.sha256()
    for name, table in sorted(tables.items()):
        for key, column in table.items():
            if name == "equity" and key not in _HASHED_OF_EQUITY:
                continue
            hashing.update(f"{name}.{key}:{len(column)}:".encode())
            raw = repr(column.tolist()).encode() if column.dtype == object else column.tobytes()
            hashing.update(raw)
    return hashing.hexdigest()


def data_digest(data: Mapping[str, Bars]) -> str:
    """SHA-256 of the bars of each instrument."""
    return " ".join(one.digest() for one in data.values())
