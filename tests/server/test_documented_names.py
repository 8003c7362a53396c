"""A `.env` that was written for the documents is read (L2)."""

import re
from pathlib import Path

import pytest
from pydantic import AliasChoices, SecretStr

from quantloom_server.settings import PREFIX, Settings, name_of
from tests.house.checkout import ROOT
from tests.server.documented_names import NOT_READ, READ
from tests.shared_data import SHARED, needs_shared

PAGE = ROOT / "docs" / "reference" / "compatibility.md"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing set, and no `.env` in the folder."""
    monkeypatch.chdir(tmp_path)
    for name in (*READ, *NOT_READ):
        monkeypatch.delenv(name, raising=False)


def plain(value: object) -> object:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("in_file", [False, True])
def test_a_name_of_the_documents_is_read(
    monkeypatch: pytest.MonkeyPatch, name: str, in_file: bool
) -> None:
    field, told, expected = READ[name]
    if in_file:
        Path(".env").write_text(f"{name}={told}\n", encoding="utf-8")
    else:
        monkeypatch.setenv(name, told)

    assert plain(getattr(Settings(), field)) == expected


@pytest.mark.parametrize("name", READ)
def test_the_own_name_goes_first(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    field, told, expected = READ[name]
    other = "false" if told == "true" else told[:-1] + "9"
    monkeypatch.setenv(name, other)
    monkeypatch.setenv(name_of(field, Settings.model_fields[field]), told)

    assert plain(getattr(Settings(), field)) == expected


def test_a_name_that_is_read_is_listed_as_that() -> None:
    aliases = {
        str(choice)
        for info in Settings.model_fields.values()
        if isinstance(info.validation_alias, AliasChoices)
        for choice in info.validation_alias.choices
    }
    foreign = {name for name in aliases if not name.startswith(PREFIX)}

    assert READ.keys() <= foreign
    assert not NOT_READ.keys() & foreign
    # Those of other systems, which the documents do not name.
    others = foreign - READ.keys()
    assert [name for name in others if not name.startswith(("OTEL_", "SENTRY_"))] == []


def test_the_page_of_compatibility_tells_of_each_name() -> None:
    page = PAGE.read_text(encoding="utf-8")
    read = {f"| `{name}` | `{_own(name)}` |" for name in READ}
    others = {f"| `{name}` | {why} |" for name, why in NOT_READ.items()}

    assert {row for row in page.splitlines() if re.match(r"\| `[A-Z_]+` \|", row)} == read | others


def _own(name: str) -> str:
    field = READ[name][0]
    return name_of(field, Settings.model_fields[field])


@needs_shared
def test_no_name_of_the_requirements_is_missing() -> None:
    text = (SHARED / "requirements.md").read_text(encoding="utf-8")
    line = next(each for each in text.splitlines() if each.startswith("- L2 "))
    named = set(re.findall(r"`([A-Z][A-Z_]+)`", line)) - {"QUANTLOOM_"}

    assert named == READ.keys() | NOT_READ.keys()
