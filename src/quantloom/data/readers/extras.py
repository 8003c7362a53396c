"""Kinds of files that need a package of their own."""

from pathlib import Path

from quantloom.errors import Unavailable


class PackageMissing(Unavailable):
    """A file of a kind whose package is not installed."""

    code = "data.package_missing"

    def __init__(self, path: Path, package: str, extra: str) -> None:
        super().__init__(path, package, extra)
        self.path, self.package, self.extra = path, package, extra

    def __str__(self) -> str:
        return (
            f"{self.path} needs {self.package} to be read; install it: "
            f"pip install 'quantloom[{self.extra}]'"
        )
