"""The shape that this release needs its database in, told without loading what changes it."""

from functools import cache
from pathlib import Path

SCRIPTS = Path(__file__).parent.parent / "migrations"


@cache
def needed_revision() -> str:
    """The revision that this release needs, by the files' numbers: `m0004_identity.py` is `0004`.

    They are one line, which a test holds; asking alembic would cost each process 0.3 s of a core.
    """
    return max(path.name[1:5] for path in (SCRIPTS / "versions").glob("m[0-9]*.py"))
