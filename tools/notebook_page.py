"""Run docs/tutorials/notebook.ipynb, keep what it prints, and write the same as a page.

python tools/notebook_page.py

The notebook keeps printed text alone: pictures and tables of HTML are large and differ from machine
to machine; whoever opens it runs it.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "tutorials"
NOTEBOOK, PAGE = FOLDER / "notebook.ipynb", FOLDER / "notebook.md"
TIMEOUT_S = 300

Notebook = dict[str, Any]
"""As the JSON of its file says it."""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        done = execute(NOTEBOOK, Path(folder))
    stored = with_text_alone(done)
    text = json.dumps(stored, indent=1, ensure_ascii=False, sort_keys=True)
    NOTEBOOK.write_text(text + "\n", encoding="utf-8")
    PAGE.write_text(as_page(stored), encoding="utf-8")


def execute(path: Path, folder: Path) -> Notebook:
    """Run every cell in a folder of its own; the first cell that raises ends it.

    Raises:
        CellExecutionError: a cell raised.
    """
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    settings = {"metadata": {"path": str(folder)}}
    done = NotebookClient(notebook, timeout=TIMEOUT_S, resources=settings).execute()
    found: Notebook = json.loads(json.dumps(done))
    return found


def with_text_alone(done: Notebook) -> Notebook:
    """The notebook as it is stored: the same on every machine."""
    cells = [_plain(cell, number) for number, cell in enumerate(done["cells"], start=1)]
    metadata = {"language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def printed(cell: Notebook) -> str:
    """What a cell wrote to standard output."""
    return "".join(
        "".join(output["text"]) for output in cell["outputs"] if output.get("name") == "stdout"
    )


def as_page(notebook: Notebook) -> str:
    """The notebook as Markdown, which the site shows: text, code and what it prints."""
    parts = []
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(source)
            continue
        parts.append(f"```python\n{source}\n```")
        if text := printed(cell):
            parts.append(f"```text\n{text}```")
    return "\n\n".join(parts) + "\n"


def _plain(cell: Notebook, number: int) -> Notebook:
    lines = "".join(cell["source"]).splitlines(keepends=True)
    kept = {"cell_type": cell["cell_type"], "id": f"cell-{number}", "metadata": {}, "source": lines}
    if cell["cell_type"] == "markdown":
        return kept
    text = printed(cell).splitlines(keepends=True)
    stream = {"name": "stdout", "output_type": "stream", "text": text}
    return {**kept, "execution_count": None, "outputs": [stream] if text else []}


if __name__ == "__main__":
    main()
