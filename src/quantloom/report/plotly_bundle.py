"""The drawing library, packed to two fifths, as the pages carry it."""

import base64
import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from quantloom.errors import Unavailable


class ReportExtraMissing(Unavailable):
    """A package that only reports need is not installed."""

    code = "report.extra_missing"

    def __init__(self, package: str) -> None:
        super().__init__(package)
        self.package = package

    def __str__(self) -> str:
        return f"reports need {self.package}; install it: pip install 'quantloom[report]'"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A script as a page carries it.

    Attributes:
        packed: gzip of the script, in base64.
        sha256: of the script, in base64, for the page's content security policy.
    """

    packed: str
    sha256: str


@cache
def plotly_bundle() -> Bundle:
    """Read plotly.min.js out of the installed package, without importing it: that takes a second.

    Raises:
        ReportExtraMissing: plotly is not installed.
    """
    spec = find_spec("plotly")
    if spec is None or spec.origin is None:
        raise ReportExtraMissing("plotly")
    script = (Path(spec.origin).parent / "package_data" / "plotly.min.js").read_bytes()
    # Without a time stamp, equal scripts give equal bytes.
    packed = base64.b64encode(gzip.compress(script, compresslevel=9, mtime=0))
    return Bundle(packed.decode(), script_hash(script))


def script_hash(script: bytes) -> str:
    """SHA-256 in base64, the way a content security policy writes it."""
    return base64.b64encode(hashlib.sha256(script).digest()).decode()
