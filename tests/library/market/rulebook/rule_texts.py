"""Writes rule files for tests."""

HEAD = """venues = ["SHFE"]
currency = "CNY"

[sources.s]
title = "T"
publisher = "P"
as_of = 2024-06-30
"""
FIRST_ENTRY = HEAD.count("\n") + 1


def entry(
    topic: str,
    *fields: str,
    of: str = '["rb"]',
    since: str = "2024-01-01",
    to: str | None = None,
    source: str = "s",
) -> str:
    end = [] if to is None else [f"to = {to}"]
    lines = [f"[[{topic}]]", f"of = {of}", f"from = {since}", *end, f'source = "{source}"', *fields]
    return "\n".join(lines) + "\n"


def rule_text(*entries: str) -> str:
    return HEAD + "\n".join(entries)
