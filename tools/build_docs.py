"""Build the documentation as a site, and see that it is whole: `make docs`.

Fails on anything the builder complains of, on a public name that the pages of the Python API lack,
and on a page that loads something from a network.
"""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "site"
API_PAGES = ROOT / "docs" / "reference" / "api"

# The builder counts dead links itself, but not what its docstring readers say on the side.
_COMPLAINT = re.compile(r"(?:griffe|mkdocstrings|mkdocs_autorefs|Warning|Error)\b.*:")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_LOADED = re.compile(
    r"<(?:script|link|img|iframe)\b[^>]*?\b(?:src|href)=\"?((?:https?:)?//[^\"\s>]+)"
)
_CANONICAL = re.compile(r"<link rel=\"?canonical[^>]*>")


def main() -> int:
    faults = build() or [*missing_names(API_PAGES, SITE), *loads_from_networks(SITE)]
    for fault in faults:
        print(f"docs: {fault}", file=sys.stderr)
    if not faults:
        print(f"docs: open {(SITE / 'index.html').relative_to(ROOT)}")
    return 1 if faults else 0


def build() -> list[str]:
    """Run the builder; give its complaints."""
    done = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--clean", "--strict"],
        cwd=ROOT,
        # The builder imports tools.docs_extension.
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    output = _COLOUR.sub("", done.stdout)
    print(output.strip())
    if done.returncode:
        return [f"the builder ended with status {done.returncode}"]
    return complaints(output)


def complaints(output: str) -> list[str]:
    return [line for line in output.splitlines() if _COMPLAINT.match(line)]


def missing_names(api_pages: Path, site: Path) -> list[str]:
    """Name what the pages of the API leave out, as `quantloom.market.Bar`."""
    missing = []
    for page in sorted(api_pages.glob("*.md")):
        html = (site / "reference" / "api" / f"{page.stem}.html").read_text(encoding="utf-8")
        names = [name for name in public_names(page.stem) if not _shows(html, page.stem, name)]
        missing += [f"{page.stem}.{name} is not documented; see {page.name}" for name in names]
    return missing


def _shows(html: str, module: str, name: str) -> bool:
    # A function with the name of its own module hides behind it; the page asks for it in full.
    return re.search(rf'id="{re.escape(module)}\.(?:[a-z_]+\.)*{name}"', html) is not None


def public_names(module: str) -> list[str]:
    """Read the names that a module offers: its `__all__`, or else what it defines."""
    path = ROOT / "src" / module.replace(".", "/")
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    body = ast.parse(source.read_text(encoding="utf-8")).body
    for node in body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return list(ast.literal_eval(node.value))
    defined = [node.name for node in body if isinstance(node, ast.ClassDef | ast.FunctionDef)]
    return [name for name in defined if not name.startswith("_")]


def loads_from_networks(site: Path) -> list[str]:
    """Name what pages would load from elsewhere; links that a reader follows are no loads."""
    found = []
    for page in sorted(site.rglob("*.html")):
        html = _CANONICAL.sub("", page.read_text(encoding="utf-8"))
        found += [f"{page.relative_to(site)} loads {address}" for address in _LOADED.findall(html)]
    return found


if __name__ == "__main__":
    sys.exit(main())
