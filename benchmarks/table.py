"""The figures as a plain table."""

from collections.abc import Mapping, Sequence
from typing import Any

OURS = "quantloom"
_HEADER = (
    "work",
    "system",
    "median s",
    "quickest s",
    "runs",
    "peak MiB",
    "times ours",
    "goal",
    "trades",
    "final equity",
)

_CEILINGS = (
    ("goal_seconds", "seconds", "s"),
    ("goal_mb", "peak_rss_mb", "MiB"),
    ("goal_page_mb", "page_mb", "MB"),
)


def render(entries: Sequence[Mapping[str, Any]]) -> str:
    """Give a Markdown table, columns aligned."""
    ours = {entry["work"]: entry for entry in entries if entry["system"] == OURS}
    rows = [_HEADER, *(_row(entry, ours.get(entry["work"])) for entry in entries)]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    rows.insert(1, tuple("-" * width for width in widths))
    lines = ["| " + " | ".join(map(str.ljust, cells, widths)) + " |" for cells in rows]
    notes = [
        f"{entry['system']} at {entry['work']} {entry['differs']}"
        for entry in entries
        if "differs" in entry
    ]
    return "\n".join([*lines, *(["", *notes] if notes else [])])


def goal_words(entry: Mapping[str, Any], ours: Mapping[str, Any] | None) -> str:
    """Say whether goals are met: `>= 1.5x met`, `< 2 s missed`, or nothing where there are none."""
    told = [
        _said(f"< {entry[goal]:g} {unit}", is_met=entry[measured] < entry[goal])
        for goal, measured, unit in _CEILINGS
        if goal in entry
    ]
    if "goal_times" in entry and ours is not None:
        times = entry["goal_times"]
        told.append(_said(f">= {times:g}x", is_met=entry["seconds"] >= times * ours["seconds"]))
    if "goal_share" in entry and ours is not None:
        share = entry["cpu_seconds"] / ours["cpu_seconds"]
        most = entry["goal_share"]
        told.append(_said(f"{share:.2f}x of cpu <= {most:g}x", is_met=share <= most))
    return ", ".join(told)


def _said(goal: str, *, is_met: bool) -> str:
    return f"{goal} {'met' if is_met else 'missed'}"


def _row(entry: Mapping[str, Any], ours: Mapping[str, Any] | None) -> tuple[str, ...]:
    is_peer = ours is not None and entry["system"] != OURS
    digits = 2 if entry["system"].startswith(OURS) else 1
    open_trades = entry.get("open_trades")
    trades = f"{entry['trades']} + {open_trades} open" if open_trades else entry.get("trades", "")
    return (
        entry["work"],
        entry["system"],
        f"{entry['seconds']:.4f}",
        f"{entry['min_seconds']:.4f}",
        str(entry["runs"]),
        f"{entry['peak_rss_mb']:.0f}",
        f"{entry['seconds'] / ours['seconds']:.{digits}f}x" if ours and is_peer else "",
        goal_words(entry, ours),
        str(trades),
        f"{entry['final_equity']:.5f}" if "final_equity" in entry else "",
    )
