"""What is kept is what was made, to the bit, and is there whole or as it was before."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from quantloom.data import Catalog, CatalogUnwritable
from quantloom.data.quality import check
from quantloom.data.recipes import (
    Dataset,
    NoSuchPart,
    PreparedDamaged,
    PreparedNotFound,
    Recipe,
    RecipeChanged,
    Shelf,
    run_recipe,
)
from quantloom.market import assume_instrument
from tests.library.data.recipes.builders import (
    RETURNS,
    SPLIT,
    make_dataset,
    make_recipe,
    make_source,
    step,
)

STEPS = (
    step("clean", zero_volume="drop"),
    step("fill", most=2),
    RETURNS,
    step("rank", of="return_1"),
    step("triple_barrier", bars=5, span=20),
    SPLIT,
    step("normalise", method="robust", of="return_3", per="symbol", clip=3.0),
)


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def assert_equal(one: Dataset, other: Dataset) -> None:
    assert one.digest() == other.digest()
    assert (one.recipe_digest, one.scalers, one.inputs) == (
        other.recipe_digest,
        other.scalers,
        other.inputs,
    )
    assert [bars.digest() for bars in one.all_bars] == [bars.digest() for bars in other.all_bars]
    for name, column in one.features.items():
        assert column.tobytes() == other.features[name].tobytes()
    for name, label in one.labels.items():
        assert label.values.tobytes() == other.labels[name].values.tobytes()
        assert label.known.tobytes() == other.labels[name].known.tobytes()
    assert one.part.tobytes() == other.part.tobytes()
    assert (one.parts, one.counts(), one.begins) == (other.parts, other.counts(), other.begins)


def test_a_dataset_is_read_back_to_the_bit(tmp_path: Path) -> None:
    made = make_dataset(*STEPS)

    Shelf(tmp_path).keep(made)

    found = Shelf(tmp_path).load("tried")
    assert_equal(made, found)
    assert found.recipe.plain() == made.recipe.plain()
    assert Shelf(tmp_path).list() == (("tried", 1),)


def test_the_same_recipe_and_data_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "other"):
        Shelf(tmp_path / name).keep(make_dataset(*STEPS))

    assert files_of(tmp_path / "one") == files_of(tmp_path / "other")


def test_other_data_give_another_digest() -> None:
    assert make_dataset(*STEPS).digest() != make_dataset(*STEPS, seed=2).digest()


def test_another_recipe_of_one_name_and_version_needs_to_be_forced(tmp_path: Path) -> None:
    kept = Shelf(tmp_path)
    kept.keep(make_dataset(RETURNS, SPLIT))
    other = make_dataset(step("returns", periods=9), SPLIT)

    with pytest.raises(RecipeChanged, match="raise the version"):
        kept.keep(other)
    kept.keep(other, replace=True)

    assert_equal(kept.load("tried"), other)
    assert len([*tmp_path.rglob("*.parquet")]) == 1


def test_the_latest_version_is_loaded_and_older_ones_stay(tmp_path: Path) -> None:
    kept, source = Shelf(tmp_path), make_source()
    for version in (2, 10):
        told = make_recipe(RETURNS).plain() | {"version": version}
        kept.keep(run_recipe(Recipe.of(told), source))

    assert kept.load("tried").recipe.version == 10
    assert kept.load("tried", 2).recipe.version == 2
    assert kept.list() == (("tried", 2), ("tried", 10))


def test_a_dataset_that_is_not_kept_is_said(tmp_path: Path) -> None:
    kept = Shelf(tmp_path)
    kept.keep(make_dataset(RETURNS))

    with pytest.raises(PreparedNotFound, match="tried version 1"):
        kept.load("tired")
    with pytest.raises(PreparedNotFound, match="version 3"):
        kept.load("tried", 3)


@pytest.mark.parametrize("moment", [1, 2, 3])
def test_what_was_kept_survives_a_disk_that_fills_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    kept, before = Shelf(tmp_path), make_dataset(*STEPS)
    kept.keep(before)
    calls, real = iter(range(1, 99)), os.fsync

    def failing(descriptor: int) -> None:
        if next(calls) == moment:
            raise OSError(28, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(CatalogUnwritable, match="No space"):
        kept.keep(make_dataset(*STEPS, seed=5))

    monkeypatch.undo()
    assert_equal(kept.load("tried"), before)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.99])
def test_a_damaged_file_is_said(tmp_path: Path, share: float) -> None:
    kept = Shelf(tmp_path)
    kept.keep(make_dataset(*STEPS))
    (rows,) = tmp_path.rglob("*.parquet")
    content = bytearray(rows.read_bytes())
    content[int(share * len(content))] ^= 0xFF
    rows.write_bytes(content)

    with pytest.raises(PreparedDamaged, match="run its recipe again"):
        kept.load("tried")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_torn_file_is_said(tmp_path: Path, share: float) -> None:
    for name in ("rows", "manifest"):
        kept = Shelf(tmp_path)
        kept.keep(make_dataset(*STEPS))
        (path,) = tmp_path.rglob(f"{name}*")
        content = path.read_bytes()
        path.write_bytes(content[: int(share * len(content))])
        with pytest.raises(PreparedDamaged):
            kept.load("tried")
        shutil.rmtree(tmp_path / "prepared")


def test_bars_of_a_catalog_are_named_with_their_digest_and_grade(tmp_path: Path) -> None:
    catalog, source = Catalog(tmp_path), make_source()
    for bars in source.values():
        instrument = assume_instrument(bars)
        quality = check(bars, instrument=instrument).short()
        catalog.write(bars, instrument, source="a test", quality=quality)

    dataset = run_recipe(make_recipe(RETURNS), catalog)

    for one in dataset.inputs:
        assert one.rows == len(source[one.symbol])
        assert one.grade == catalog.info(one.symbol, "1h").grade is not None
        assert one.digest == one.dataset == source[one.symbol].digest()


def test_a_frame_has_every_row_and_column() -> None:
    dataset = make_dataset(*STEPS)

    frame = dataset.to_frame()

    assert len(frame) == len(dataset)
    assert frame["part"].value_counts().to_dict() == dataset.counts() | {
        "": int((dataset.part < 0).sum())
    }
    assert {*dataset.features, *dataset.labels} <= {*frame.columns}
    rows = (frame["symbol"] == "BB.LOCAL") & (frame["part"] == "test")
    assert np.array_equal(
        frame.loc[rows, [*dataset.features]].to_numpy(), dataset.matrix("test", "BB.LOCAL")
    )


def test_what_a_dataset_lacks_is_said() -> None:
    dataset = make_dataset(*STEPS)

    for ask in (
        lambda: dataset.matrix("exam"),
        lambda: dataset.label("profit", "train"),
        lambda: dataset.bars("CC.LOCAL"),
        lambda: dataset.bars("AA.LOCAL", "exam"),
    ):
        with pytest.raises(NoSuchPart, match="it has"):
            ask()
