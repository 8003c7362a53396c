"""What a file was taken for, shown before anything is written."""

from collections.abc import Sequence
from typing import Any

from quantloom.cli.output import print_table, say
from quantloom.data.readers import FINDINGS, Mapping, Part, Question, example_rows

_SHOWN = 40
_SHOWN_PARTS = 5
_WORDS = {
    "kind": "holds",
    "timeframe": "timeframe",
    "label": "times name the",
    "zone": "zone",
    "volume_lot": "volume unit",
    "turnover_scale": "turnover unit",
    "price_scale": "price divisor",
    "adjustment": "adjustment",
    "symbol": "symbol",
    "day": "day",
    "dates": "dates",
}


def _show_mapping(part: Part) -> None:
    """Show what every column is for, what was found, and some rows as they would be stored."""
    mapping = part.mapping
    member = part.table.form.member
    title = f"{part.table.path.name}{f' ({member})' if member else ''}"
    columns = [
        (
            one.name or f"#{place}",
            f"{one.role}.{one.level}" if one.level else one.role,
            f"{one.confidence:.0%}",
            one.reason,
        )
        for place, one in enumerate(mapping.columns)
    ]
    shown = columns[:_SHOWN]
    if len(columns) > _SHOWN:
        shown.append((f"and {len(columns) - _SHOWN} more", "", "", ""))
    print_table(title, ("Column", "Role", "Sure", "Why"), shown, right="llr")
    print_table("Taken for", ("What", "Value", "Sure", "Why"), _found(mapping), right="llr")
    header, rows = example_rows(part)
    if rows:
        print_table("First rows, in UTC", header, rows)


def show_parts(parts: Sequence[Part]) -> None:
    """Show what the first table of a file was taken for, and of some more in one line each."""
    _show_mapping(parts[0])
    for part in parts[1:_SHOWN_PARTS]:
        _show_brief(part)
    if len(parts) > _SHOWN_PARTS:
        say(f"and {len(parts) - _SHOWN_PARTS} more tables")


def _show_brief(part: Part) -> None:
    mapping = part.mapping
    what = " ".join(one for one in (mapping.timeframe.value, mapping.kind.value) if one)
    name = part.table.form.member or part.table.path.name
    symbol = mapping.symbol.value or "several symbols"
    say(f"{name}: {what} of {symbol}, {mapping.confidence:.0%} sure")


def ask(question: Question) -> str:
    """Ask a human; an empty answer takes the default."""
    import typer  # noqa: PLC0415  only where somebody is there to ask

    default = question.default or ""
    answer: str = typer.prompt(question.text, default=default, show_default=bool(default))
    return answer.strip()


def told_parts(parts: Sequence[Part]) -> list[dict[str, Any]]:
    """What each table of a file was taken for, for JSON."""
    return [{"member": part.table.form.member, "mapping": part.mapping.to_json()} for part in parts]


def _is_plain(mapping: Mapping, name: str) -> bool:
    """What goes without saying: units of one, and the label of what is no bar."""
    found = getattr(mapping, name)
    if name == "label":
        return mapping.kind.value != "bars"
    return isinstance(found.value, float) and found.value == 1 and not found.reasons


def _found(mapping: Mapping) -> list[tuple[str, str, str, str]]:
    rows = []
    for name in FINDINGS:
        found = getattr(mapping, name)
        value = f"{found.value:g}" if isinstance(found.value, float) else str(found.value)
        if not value or _is_plain(mapping, name):
            continue
        rows.append((_WORDS[name], value, f"{found.confidence:.0%}", "; ".join(found.reasons)))
    return rows
