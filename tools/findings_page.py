"""Write the tables of docs/reference/findings.md from the rules of the check.

python tools/findings_page.py
"""

from itertools import groupby
from pathlib import Path

from quantloom.strategy.check import ALLOWED_MODULES, RULES, Rule

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "findings.md"
BEGIN, END = "<!-- tables: tools/findings_page.py -->\n", "<!-- end of tables -->\n"

_TITLES = {
    "source": "The text",
    "shape": "Classes and callbacks",
    "parameters": "Parameters",
    "sandbox": "What a sandboxed run does not have",
    "look-ahead": "The future",
    "repeatable": "What comes out otherwise each time",
    "style": "Style",
}
_HEADING = "| code | severity | what is wrong | what to do |\n|---|---|---|---|\n"


def with_tables(page: str) -> str:
    """Give the page with what lies between its two marks written anew."""
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    return before + BEGIN + tables() + END + after


def tables() -> str:
    """Lay out the rules, a table for each group, and the modules that are allowed."""
    by_group = groupby(RULES.values(), key=lambda rule: rule.group)
    sections = "".join(_section(group, list(rules)) for group, rules in by_group)
    allowed = ", ".join(f"`{name}`" for name in sorted(ALLOWED_MODULES))
    return f"{sections}\n## Modules of a sandboxed run\n\n{allowed}\n"


def _section(group: str, rules: list[Rule]) -> str:
    return f"\n## {_TITLES[group]}\n\nGroup `{group}`.\n\n{_HEADING}" + "".join(map(_row, rules))


def _row(rule: Rule) -> str:
    cells = (f"`{rule.code}`", str(rule.severity), rule.text_en, rule.hint_en)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text("utf-8")), "utf-8")
