"""The files of the checkout, without asking git, which a user may not have."""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_FOLDERS = (".ci", "benchmarks", "docs", "examples", "src", "tests", "tools")
_TEXTS = {".md", ".py", ".sh", ".toml", ".lock", ".yaml", ".yml", ".json", ".cfg", ".txt", ""}


def text_files() -> Iterator[Path]:
    """Every text file that belongs to the project."""
    inside = (path for folder in _FOLDERS for path in (ROOT / folder).rglob("*"))
    for path in (*ROOT.glob("*"), *inside):
        # In a linked worktree `.git` is a file.
        is_ours = path.suffix in _TEXTS and not path.name.startswith((".coverage", ".git"))
        if path.is_file() and (is_ours or path.name == ".gitignore"):
            yield path
