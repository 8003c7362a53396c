"""Write the tables of docs/reference/indicators.md from the catalog.

python tools/indicator_page.py
"""

from itertools import groupby
from pathlib import Path

from quantloom.indicators import IndicatorDefinition, list_aliases, list_indicators

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "indicators.md"
BEGIN, END = "<!-- tables: tools/indicator_page.py -->\n", "<!-- end of tables -->\n"

_TITLES = {
    "overlap": "Averages, bands and stops",
    "momentum": "Momentum",
    "volume": "Volume",
    "volatility": "Volatility",
    "price": "Prices of a bar",
    "statistic": "Statistics",
    "cycle": "Cycles",
    "pattern": "Candle patterns",
}
_HEADING = (
    "| name | parameters | reads | gives | warm-up | what it is |\n|---|---|---|---|---|---|\n"
)
_PATTERN_HEADING = "| name | parameters | warm-up | what it is |\n|---|---|---|---|\n"


def with_tables(page: str) -> str:
    """Give the page with what lies between its two marks written anew."""
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    return before + BEGIN + tables() + END + after


def tables() -> str:
    """Lay out the catalog, a table for each group, and the aliases."""
    by_group = groupby(list_indicators(), key=lambda entry: entry.group)
    entries = {group: tuple(members) for group, members in by_group}
    return "".join(_section(group, entries[group]) for group in _TITLES) + _aliases()


def _section(group: str, entries: tuple[IndicatorDefinition, ...]) -> str:
    is_pattern = group == "pattern"
    heading, row = (_PATTERN_HEADING, _pattern_row) if is_pattern else (_HEADING, _row)
    title = f"\n### {_TITLES[group]}\n\nGroup `{group}`, {len(entries)} of them.\n\n"
    return title + heading + "".join(map(row, entries))


def _row(entry: IndicatorDefinition) -> str:
    reads, gives = ", ".join(entry.inputs), ", ".join(entry.outputs)
    return _line(_name(entry), _parameters(entry), reads, gives, _warm_up(entry), entry.description)


def _pattern_row(entry: IndicatorDefinition) -> str:
    return _line(_name(entry), _parameters(entry), _warm_up(entry), entry.description)


def _aliases() -> str:
    lines = (_line(f"`{alias}`", f"`{name}`") for alias, name in sorted(list_aliases().items()))
    return "\n### Other names\n\n| also called | here |\n|---|---|\n" + "".join(lines)


def _name(entry: IndicatorDefinition) -> str:
    return f"`{entry.name}`"


def _parameters(entry: IndicatorDefinition) -> str:
    return "<br>".join(f"`{parameter}`" for parameter in entry.parameters)


def _warm_up(entry: IndicatorDefinition) -> str:
    return str(entry.bind().warm_up)


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text("utf-8")), "utf-8")
