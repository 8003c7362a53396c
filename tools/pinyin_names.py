"""Writes how the Chinese names of instruments are spelled in pinyin, whole and by initials."""

import json
import sys
from itertools import islice, product
from pathlib import Path

from pypinyin import Style, lazy_pinyin, pinyin

from quantloom.market import products
from quantloom_server.instruments.naming import told

PLACE = Path(__file__).parent.parent / "src/quantloom_server/instruments/pinyin.json"
# A name of three characters with two readings each has eight.
_MOST_READINGS = 8


def spelled(name: str) -> list[str]:
    """Every usual spelling of a name: the one by its words first, then those by its characters."""
    whole = "".join(lazy_pinyin(name))
    short = "".join(lazy_pinyin(name, style=Style.FIRST_LETTER))
    by_sign = pinyin(name, style=Style.FIRST_LETTER, heteronym=True)
    others = ("".join(one) for one in islice(product(*by_sign), _MOST_READINGS))
    return list(dict.fromkeys(one.lower() for one in (whole, short, *others)))


def make() -> str:
    """The file's text."""
    names = {one.name for one in products().values()}
    names |= {zh for group in (told().securities, told().coins) for zh, _ in group.values()}
    lines = [
        f"  {json.dumps(name, ensure_ascii=False)}: {json.dumps(spelled(name))}"
        for name in sorted(names)
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main() -> int:
    """Write the file."""
    PLACE.write_text(make(), encoding="utf-8")
    print(f"wrote {PLACE.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
