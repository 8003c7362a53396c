"""`quantloom data recipe` makes, checks and shows datasets to learn from."""

from pathlib import Path

import pytest

from quantloom.data.recipes import STEPS, Shelf
from tests.library.cli.conftest import Cli

EXAMPLE = Path(__file__).parents[3] / "examples" / "recipes" / "a-shares.toml"


def test_the_example_runs_on_the_packaged_data_and_is_kept(cli: Cli, tmp_path: Path) -> None:
    made = cli("data", "recipe", "run", EXAMPLE, "--json").json
    again = cli("data", "recipe", "run", EXAMPLE, "--json").json

    assert made == again
    assert made["parts"].keys() == {"train", "valid", "test"}
    assert min(made["parts"].values()) > 100
    assert all(one["grade"] and one["digest"] for one in made["inputs"])
    kept = Shelf(tmp_path / "catalog").load("a-shares")
    assert kept.digest() == made["dataset_digest"]
    assert [*kept.features] == made["features"]


def test_a_dry_run_keeps_nothing(cli: Cli, tmp_path: Path) -> None:
    said = cli("data", "recipe", "run", EXAMPLE, "--dry-run").out

    assert "nothing was kept" in said
    assert not (tmp_path / "catalog" / "prepared").exists()


def test_a_check_tells_steps_columns_and_data(cli: Cli) -> None:
    said = cli("data", "recipe", "check", EXAMPLE).out
    found = cli("data", "recipe", "check", EXAMPLE, "--json").json

    assert "the recipe is sound" in said
    assert found["labels"] == ["barrier", "barrier_return"]
    assert [one["symbol"] for one in found["inputs"]] == ["600519.SSE", "600000.SSE"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('step = "rank"', 'step = "rnk"', "did you mean rank"),
        ("periods = [1, 5, 20]", "period = 5", "did you mean periods"),
        ('of = "turnover"', 'of = "turnovr"', "did you mean log_turnovr"),
        ('"600519.SSE", ', '"600518.SSE", ', "600518.SSE"),
    ],
)
def test_a_wrong_recipe_is_told_what_there_is(
    cli: Cli, tmp_path: Path, old: str, new: str, words: str
) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "wrong.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")

    outcome = cli("data", "recipe", "check", path)

    assert outcome.code in (2, 3)
    assert words in outcome.err


def test_a_changed_recipe_of_the_same_version_needs_force(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    cli("data", "recipe", "run", path)
    path.write_text(path.read_text(encoding="utf-8").replace("bars = 10", "bars = 8"))

    refused = cli("data", "recipe", "run", path)
    forced = cli("data", "recipe", "run", path, "--force")

    assert (refused.code, forced.code) == (5, 0)
    assert "raise the version" in refused.err


def test_what_is_kept_and_what_steps_there_are_are_shown(cli: Cli) -> None:
    assert "no dataset is kept yet" in cli("data", "recipe", "show").out
    cli("data", "recipe", "run", EXAMPLE)

    assert cli("data", "recipe", "show", "--json").json == {
        "datasets": [{"name": "a-shares", "version": 1}]
    }
    assert "triple_barrier" in cli("data", "recipe", "show", EXAMPLE).out
    assert "dataset digest" in cli("data", "recipe", "show", "a-shares").out
    steps = cli("data", "recipe", "show", "--steps", "--json").json["steps"]
    assert [one["step"] for one in steps] == [*STEPS]
    assert cli("data", "recipe", "show", "nothing").code == 3
