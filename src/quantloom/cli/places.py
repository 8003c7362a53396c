"""Where the user's own catalog lies, a folder or a bucket, and what is kept beside it."""

import os
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from quantloom.data import Catalog, Catalogs, default_folder, open_catalog, s3_options

_SCHEME = "s3://"
_BUCKETS = "buckets"


def _checked(told: str | None) -> str | None:
    if not told or (told.startswith(_SCHEME) and told.removeprefix(_SCHEME).strip("/")):
        return told or None
    if "://" in told:
        raise typer.BadParameter(f"{told} is no place; write a folder or s3://bucket/prefix")
    if Path(told).is_file():
        raise typer.BadParameter(f"{told} is a file; write a folder or s3://bucket/prefix")
    return told


DataDir = Annotated[
    str | None,
    typer.Option(
        "--data-dir",
        help="Your catalog: a folder, or s3://bucket/prefix. \\[default: ~/.local/share/quantloom]",
        metavar="PLACE",
        envvar="QUANTLOOM_DATA_DIR",
        show_default=False,
        callback=_checked,
    ),
]


def open_own(data_dir: str | None) -> Catalogs:
    """Open the user's own catalog with the demonstration set behind it."""
    return open_catalog(place_of(data_dir), s3=s3_options(os.environ))


def own_catalog(data_dir: str | None) -> Catalog:
    """Open the user's own catalog alone."""
    return Catalog(place_of(data_dir), s3=s3_options(os.environ))


def place_of(data_dir: str | None) -> Path | str:
    """Where the user's own catalog lies."""
    if data_dir is None:
        return default_folder()
    return data_dir if data_dir.startswith(_SCHEME) else Path(data_dir)


def notes_folder(data_dir: str | None) -> Path:
    """Where trials, mappings and the ledger of collecting lie.

    That is the catalog's own folder; for each bucket it is one of this machine's.
    """
    place = place_of(data_dir)
    if isinstance(place, Path):
        return place
    return default_folder() / _BUCKETS / quote(place.removeprefix(_SCHEME).strip("/"), safe="")
