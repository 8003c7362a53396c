"""Fills, orders, strategies, market rules: sentences name their tests; tests and rules exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
NAMES = ("fills", "orders", "strategy", "realism")
PAGES = [ROOT / f"docs/reference/{name}.md" for name in NAMES]


def sentences(page: Path) -> dict[int, str]:
    parts = re.split(r"\n(?=\d+\. |\n)", page.read_text())
    numbered = [part for part in parts if re.match(r"\d+\. ", part)]
    return {int(part.split(".")[0]): part for part in numbered}


def named_tests(text: str) -> list[str]:
    return re.findall(r"`(test_\w+)`", text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_sentence_names_a_test(page: Path) -> None:
    bare = [number for number, text in sentences(page).items() if not named_tests(text)]

    assert bare == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_sentences_are_numbered_without_gaps(page: Path) -> None:
    assert list(sentences(page)) == list(range(1, len(sentences(page)) + 1))
    assert len(sentences(page)) >= 15


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_test_that_a_page_names_exists(page: Path) -> None:
    sources = [path.read_text() for path in (ROOT / "tests").rglob("test_*.py")]
    present = {name for text in sources for name in re.findall(r"def (test_\w+)\(", text)}

    assert set(named_tests(page.read_text())) - present == set()


def test_the_page_names_every_rule() -> None:
    code = (ROOT / "src/quantloom").rglob("*.py")
    refused = {
        rule for path in code for rule in re.findall(r'Refused\(\s*"(\w+)"', path.read_text())
    }

    table = PAGES[1].read_text().partition("## Rules")[2]

    assert set(re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE)) == refused
