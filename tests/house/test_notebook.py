"""The tutorial that is a notebook: it runs, prints what it shows, and the site shows the same."""

import json
from pathlib import Path

import pytest
from tools import notebook_page
from tools.notebook_page import NOTEBOOK, PAGE, Notebook, as_page, execute, with_text_alone

HTML = "text/html"


@pytest.fixture(scope="module")
def stored() -> Notebook:
    found: Notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Notebook:
    folder = tmp_path_factory.mktemp("notebook")
    with pytest.MonkeyPatch.context() as patch:
        # Runs are counted in the user's own folder, which is not that of tests.
        patch.setenv("HOME", str(folder))
        return execute(NOTEBOOK, folder)


@pytest.mark.untraced
def test_the_notebook_runs_and_prints_what_it_shows(stored: Notebook, done: Notebook) -> None:
    assert with_text_alone(done) == stored, "write it anew: python tools/notebook_page.py"


@pytest.mark.untraced
def test_results_tables_and_figures_show_themselves(done: Notebook) -> None:
    shown = {
        cell["source"].splitlines()[-1]: kind
        for cell in done["cells"]
        if cell["cell_type"] == "code"
        for output in cell["outputs"]
        for kind in output.get("data", {})
        if kind in {HTML, "application/vnd.plotly.v1+json"}
    }

    assert shown["result"] == HTML
    assert shown["comparison"] == HTML
    assert shown["result.round_trips"] == HTML
    assert "comparison.plot()" in shown
    assert any("update_layout" in line for line in shown)


def test_the_site_shows_the_notebook_as_it_is(stored: Notebook) -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert page == as_page(stored), "write it anew: python tools/notebook_page.py"


def test_a_notebook_is_stored_without_pictures(tmp_path: Path) -> None:
    picture = {"output_type": "display_data", "data": {HTML: "<b>"}, "metadata": {}}
    said = {"output_type": "stream", "name": "stdout", "text": "one\n"}
    noise = {"output_type": "stream", "name": "stderr", "text": "two\n"}
    cell = {"cell_type": "code", "source": "x", "outputs": [picture, said, noise]}

    (kept,) = with_text_alone({"cells": [cell]})["cells"]

    assert kept["outputs"] == [{**said, "text": ["one\n"]}]
    assert notebook_page.printed(kept) == "one\n"
