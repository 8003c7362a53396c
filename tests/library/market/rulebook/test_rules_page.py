"""The page on rule files names what there is, and its example is one."""

import re
from importlib.resources import files

import msgspec
import pytest

from quantloom.market.rulebook.reader import Head, Source, read_rules
from quantloom.market.rulebook.topics import TOPICS, Entry
from tests.house.checkout import ROOT

PAGE = (ROOT / "docs/reference/rules.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### `(\w+)`\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL))
ROW = re.compile(r"^\| (`\w+`(?:, `\w+`)*) \|", re.MULTILINE)


def fields_of(struct: type[msgspec.Struct]) -> set[str]:
    return {field.encode_name for field in msgspec.structs.fields(struct)}


def fields_in(text: str) -> set[str]:
    return {name for cell in ROW.findall(text) for name in re.findall(r"\w+", cell)}


def test_every_topic_has_its_section() -> None:
    assert list(SECTIONS) == list(TOPICS)


@pytest.mark.parametrize("topic", TOPICS)
def test_a_section_names_the_fields_of_its_topic_and_no_others(topic: str) -> None:
    assert fields_in(SECTIONS[topic]) == fields_of(TOPICS[topic]) - fields_of(Entry)


def test_the_page_names_what_a_head_and_every_entry_have() -> None:
    head, entries = PAGE.partition("## The head")[2].partition("## Topics")[0].split("## Entries")

    assert fields_in(head) == fields_of(Head)
    assert fields_in(entries) == fields_of(Entry)
    assert all(f"`{name}`" in head for name in fields_of(Source))


def test_the_page_lists_every_packaged_file() -> None:
    about = PAGE.partition("| File |")[2].partition("\n\n")[0]
    packaged = files("quantloom.market.rulebook").joinpath("data").iterdir()

    names = {file.name.removesuffix(".toml") for file in packaged if file.name.endswith(".toml")}

    assert fields_in(about) == names


def test_the_example_is_a_rule_file() -> None:
    example = PAGE.partition("```toml\n")[2].partition("```")[0]

    rules = read_rules("example", example)

    assert {topic for topic, _ in rules.entries} == {"fee", "cage"}
