"""The page on security names tests that are there, for every line of the checklist."""

import re
from pathlib import Path

from tests.house.checkout import ROOT

PAGE = ROOT / "docs" / "explanation" / "security.md"
ROW = re.compile(r"^\| (SEC\d+) \| (.+) \| ?(.*) \|$", re.MULTILINE)
TEST = re.compile(r"`([\w./]+\.py)(?:::(\w+))?`")
# They belong to parts of the platform that are not there yet.
LATER = {"SEC13", "SEC18", "SEC20", "SEC22"}


def test_every_line_has_its_row_and_only_what_is_not_there_has_no_test() -> None:
    rows = {name: TEST.findall(held) for name, _, held in ROW.findall(PAGE.read_text("utf-8"))}

    assert list(rows) == [f"SEC{number}" for number in range(1, 24)]
    assert {name for name, held in rows.items() if not held} == LATER


def test_every_test_that_is_named_is_there() -> None:
    here = Path(__file__).parent
    named = TEST.findall(PAGE.read_text(encoding="utf-8"))

    missing = [
        (file, name)
        for file, name in named
        if not file.startswith("tools/")
        if not (here / file).exists()
        or (name and f"def {name}(" not in (here / file).read_text(encoding="utf-8"))
    ]
    assert len(named) > 40
    assert missing == []
