"""`quantloom data recipe run|check|show`: datasets to learn from, made by a recipe file."""

from pathlib import Path
from typing import Annotated, Any

import typer

from quantloom.cli.data.app import app
from quantloom.cli.output import AsJson, print_json, print_table, say, warn
from quantloom.cli.places import DataDir, open_own, own_catalog
from quantloom.cli.progress import progress_bar
from quantloom.data import Catalogs, DatasetInfo, look_up
from quantloom.data.recipes import STEPS, Dataset, Recipe, Shelf, run_recipe

recipe_app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Make datasets to learn from by recipe files.",
)
app.add_typer(recipe_app, name="recipe")

RecipeFile = Annotated[Path, typer.Argument(metavar="RECIPE.toml", help="A recipe file.")]
# Columns that some steps add to the bars themselves.
_ADDED = ("factor", "volume_factor", "filled")


@recipe_app.command(
    epilog="Example: [bold]quantloom data recipe run examples/recipes/a-shares.toml[/bold]"
)
def run(
    file: RecipeFile,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Make it, keep nothing.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Also in the place of what another recipe made.")
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Carry a recipe out and keep the dataset in your data directory.

    The same recipe on the same bars gives the same files, byte for byte.
    """
    recipe = Recipe.read(file)
    with progress_bar(f"recipe {recipe.name}", quiet=as_json) as bar:
        dataset = run_recipe(recipe, open_own(data_dir), progress=bar)
    path = None if dry_run else Shelf(own_catalog(data_dir)).keep(dataset, replace=force)
    if as_json:
        print_json(_plain(dataset) | {"file": None if path is None else str(path)})
        return
    _tell(dataset)
    say("nothing was kept" if path is None else f"kept as {path}")


@recipe_app.command(
    epilog="Example: [bold]quantloom data recipe check examples/recipes/a-shares.toml[/bold]"
)
def check(file: RecipeFile, *, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Check a recipe and that its data are there, without reading a bar."""
    recipe = Recipe.read(file)
    infos = _infos(recipe, open_own(data_dir))
    own = infos[: len(recipe.symbols)]
    extras = dict.fromkeys(name for info in own for name in info.extras)
    recipe.check_extras((*extras, *(name for name in _ADDED if name not in extras)))
    if as_json:
        print_json(_said(recipe, recipe.digest) | {"inputs": [_input(info) for info in infos]})
        return
    _tell_steps(recipe)
    for info in infos:
        say(f"{info.symbol} {info.timeframe}: {info.rows:,} bars, grade {info.grade or 'unknown'}")
    say(f"the recipe is sound; next: quantloom data recipe run {file}")


@recipe_app.command(epilog="Example: [bold]quantloom data recipe show a-shares[/bold]")
def show(
    name: Annotated[
        str | None, typer.Argument(help="A kept dataset, or a recipe file. \\[default: list them]")
    ] = None,
    *,
    version: Annotated[int | None, typer.Option(help="\\[default: the latest]")] = None,
    steps: Annotated[
        bool, typer.Option("--steps", help="List every step that recipes may name.")
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show a kept dataset, a recipe file, or what steps there are."""
    shelf = Shelf(own_catalog(data_dir))
    if steps:
        _show_steps(as_json=as_json)
    elif name is None:
        _show_kept(shelf, as_json=as_json)
    elif name.endswith(".toml"):
        recipe = Recipe.read(Path(name))
        print_json(_said(recipe, recipe.digest)) if as_json else _tell_steps(recipe)
    else:
        dataset = shelf.load(name, version)
        print_json(_plain(dataset)) if as_json else _tell(dataset)


def _infos(recipe: Recipe, catalog: Catalogs) -> list[DatasetInfo]:
    found = []
    own = [(text, recipe.timeframe) for text in recipe.symbols]
    for text, timeframe in (*own, *recipe.others):
        symbol, note = look_up(catalog, text)
        if note:
            warn(f"note: {note}")
        found.append(catalog.info(symbol, timeframe or recipe.timeframe))
    return found


def _input(info: DatasetInfo) -> dict[str, Any]:
    return {"symbol": info.symbol, "rows": info.rows, "grade": info.grade, "digest": info.digest}


def _said(recipe: Recipe, digest: str) -> dict[str, Any]:
    return {
        "name": recipe.name,
        "version": recipe.version,
        "digest": digest,
        "recipe": recipe.plain(),
        "features": recipe.features,
        "labels": recipe.labels,
    }


def _plain(dataset: Dataset) -> dict[str, Any]:
    return _said(dataset.recipe, dataset.recipe_digest) | {
        "dataset_digest": dataset.digest(),
        "rows": len(dataset),
        "parts": dataset.counts(),
        "left_out": dataset.left_out,
        "scalers": dataset.scalers,
        "inputs": dataset.inputs,
    }


def _tell_steps(recipe: Recipe) -> None:
    rows = [
        (step.kind.name, ", ".join(f"{key}={value}" for key, value in step.values.items() if value))
        for step in recipe.steps
    ]
    print_table(f"{recipe.name} version {recipe.version}", ("Step", "Settings"), rows)
    say(f"features: {', '.join(recipe.features) or 'none'}")
    say(f"labels: {', '.join(recipe.labels) or 'none'}")
    say(f"digest: {recipe.digest}")


def _tell(dataset: Dataset) -> None:
    recipe = dataset.recipe
    rows = [(one.symbol, f"{one.rows:,}", one.grade, one.digest[:16]) for one in dataset.inputs]
    title = f"{recipe.name} version {recipe.version}, made of {recipe.timeframe} bars"
    print_table(title, ("Symbol", "Bars", "Grade", "Digest"), rows, right="lrll")
    parts = ", ".join(f"{name} {count:,}" for name, count in dataset.counts().items())
    out = ", ".join(f"{count:,} {reason}" for reason, count in dataset.left_out.items() if count)
    say(f"{len(dataset):,} rows of {dataset.timeframe}: {parts}; left out: {out or 'none'}")
    say(f"features: {', '.join(dataset.features) or 'none'}")
    say(f"labels: {', '.join(dataset.labels) or 'none'}")
    say(f"dataset digest: {dataset.digest()}")


def _show_kept(shelf: Shelf, *, as_json: bool) -> None:
    kept = shelf.list()
    if as_json:
        print_json({"datasets": [{"name": name, "version": number} for name, number in kept]})
        return
    if not kept:
        say("no dataset is kept yet; `quantloom data recipe run RECIPE.toml` makes one")
        return
    print_table("Datasets made by recipes", ("Name", "Version"), kept, right="lr")


def _show_steps(*, as_json: bool) -> None:
    if as_json:
        told = [
            {
                "step": kind.name,
                "stage": kind.stage,
                "meaning": kind.meaning,
                "settings": [
                    {"name": one.name, "kind": one.kind, "meaning": one.meaning}
                    for one in kind.settings
                ],
            }
            for kind in STEPS.values()
        ]
        print_json({"steps": told})
        return
    rows = [
        (kind.name, kind.stage, ", ".join(one.name for one in kind.settings), kind.meaning)
        for kind in STEPS.values()
    ]
    print_table("Steps, in the order in which they come", ("Step", "Stage", "Takes", "Does"), rows)
