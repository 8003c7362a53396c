"""Write what the lock holds as a bill of materials, in CycloneDX 1.6.

python tools/sbom.py [LOCK] > sbom.json
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"

Json = dict[str, Any]

_PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def main(arguments: list[str]) -> int:
    """Write the bill of one lock."""
    lock = Path(arguments[0]) if arguments else LOCK
    json.dump(make_bill(lock.read_text(encoding="utf-8")), sys.stdout, indent=1)
    print()
    return 0


def make_bill(lock: str) -> Json:
    """The bill of a lock; the same lock makes the same bill."""
    own = {"type": "application", "bom-ref": "quantloom", "name": "quantloom"}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, lock)}",
        "version": 1,
        "metadata": {"component": own},
        "components": list(_components(lock)),
    }


def _components(lock: str) -> Iterator[Json]:
    # Each package begins a line; its hashes are on the lines below, which are set in.
    for block in re.split(r"^(?=[A-Za-z0-9])", lock, flags=re.MULTILINE):
        if pinned := _PINNED.match(block):
            name, version = pinned["name"], pinned["version"]
            place = f"pkg:pypi/{name}@{version}"
            yield {
                "type": "library",
                "bom-ref": place,
                "name": name,
                "version": version,
                "purl": place,
                "hashes": [{"alg": "SHA-256", "content": found} for found in _HASH.findall(block)],
            }


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
