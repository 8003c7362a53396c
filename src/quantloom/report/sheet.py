"""Pages and tables in plain HTML that need nothing else."""

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

_TEMPLATES = Path(__file__).parent / "templates"


def page(title: str, body: str, *, language: str) -> str:
    """A whole page around HTML: style, heading, no script."""
    style = (_TEMPLATES / "report.css").read_text(encoding="utf-8")
    tag = "zh-CN" if language == "zh" else "en"
    head = escape(title)
    return (
        f'<!doctype html>\n<html lang="{tag}">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{head}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n"
        f'<header><p class="kicker">Quantloom</p><h1>{head}</h1>'
        f"</header>\n{body}</main>\n</body>\n</html>\n"
    )


def table(heads: Sequence[str], rows: Iterable[str], *, numeric: bool = True) -> str:
    """A table of rows that are HTML already."""
    style = ' class="num"' if numeric else ""
    shown = "".join(f'<th scope="col"{style}>{escape(head)}</th>' for head in heads)
    return (
        f'<div class="scroll"><table><thead><tr>{shown}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )
