"""The site of the documentation: its pages of the Python API, and the tool that builds it."""

from inspect import cleandoc
from pathlib import Path

from tools.build_docs import complaints, loads_from_networks, missing_names, public_names
from tools.docstrings import plain_sections

from quantloom.strategy import presets
from tests.house.checkout import ROOT

API_PAGES = ROOT / "docs" / "reference" / "api"
# What nobody imports: the command line, and ground that the other packages stand on.
INNER = {"quantloom.cli", "quantloom.kit"}
ALSO = {
    "quantloom",
    "quantloom.backtest.optimise",
    "quantloom.backtest.sweeps",
    "quantloom.backtest.ticks",
    "quantloom.data.collecting",
    "quantloom.data.providers",
    "quantloom.data.recipes",
    "quantloom.errors",
    "quantloom.strategy.check",
    "quantloom.strategy.presets",
}


def test_every_public_package_has_its_page_of_the_api() -> None:
    library = ROOT / "src" / "quantloom"
    packages = {f"quantloom.{path.parent.name}" for path in library.glob("*/__init__.py")}

    pages = {page.stem for page in API_PAGES.glob("*.md")}

    assert pages == packages - INNER | ALSO


def test_a_page_of_the_api_asks_for_its_own_package() -> None:
    for page in API_PAGES.glob("*.md"):
        assert page.read_text().startswith(f"# {page.stem}\n\n::: {page.stem}\n"), page.name


def test_public_names_are_those_that_the_package_lists() -> None:
    assert public_names("quantloom.strategy.presets") == sorted(presets.__all__)
    assert "QuantloomError" in public_names("quantloom.errors")


def test_a_name_that_the_page_lacks_is_told(tmp_path: Path) -> None:
    (tmp_path / "reference" / "api").mkdir(parents=True)
    (tmp_path / "quantloom.strategy.presets.md").touch()
    site_page = tmp_path / "reference" / "api" / "quantloom.strategy.presets.html"
    told = (name for name in presets.__all__ if name != "Bollinger")
    site_page.write_text("".join(f'<h2 id="quantloom.strategy.presets.{name}">' for name in told))

    (missing,) = missing_names(tmp_path, tmp_path)

    assert missing.startswith("quantloom.strategy.presets.Bollinger is not documented")


def test_a_page_may_link_to_a_network_but_not_load_from_it(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(
        '<link rel="canonical" href="https://a.example/"><a href="https://b.example/">b</a>'
        '<script src="local.js"></script><script src="https://c.example/c.js"></script>'
    )

    assert loads_from_networks(tmp_path) == ["index.html loads https://c.example/c.js"]


def test_what_a_reader_of_docstrings_says_on_the_side_is_a_complaint() -> None:
    said = "griffe: bars.py:175: Parameter 'hihg' does not appear in the function signature"

    assert complaints(f"Build started\n{said}\nNo issues found") == [said]


def test_docstring_sections_are_set_apart_and_shared_entries_divided() -> None:
    house = """Read bars.

    Args:
        start, end: open times,
            in UTC.
        size: lots.
    Raises:
        EmptyRange: no bars.
    """

    assert plain_sections(house) == cleandoc(
        """Read bars.

        Args:
            start: open times,
                in UTC.
            end: open times,
                in UTC.
            size: lots.

        Raises:
            EmptyRange: no bars.
        """
    )


def test_class_attributes_are_attributes() -> None:
    assert plain_sections("A.\n\nClass attributes:\n    b: c.") == "A.\n\nAttributes:\n    b: c."
