"""The bill of materials names all that the lock does, as CycloneDX asks for it."""

import re

from packaging.utils import canonicalize_name
from tools.sbom import make_bill

from tests.house.test_lock import LOCK, pins


def test_everything_that_is_locked_is_on_the_bill_with_its_hashes() -> None:
    bill = make_bill(LOCK)
    listed = {canonicalize_name(one["name"]): one["version"] for one in bill["components"]}

    assert listed == {
        canonicalize_name(pin.name): str(pin.specifier).removeprefix("==") for pin in pins(LOCK)
    }
    assert all(one["hashes"] for one in bill["components"])
    assert sum(len(one["hashes"]) for one in bill["components"]) == LOCK.count("--hash=sha256:")


def test_the_bill_has_what_the_format_requires() -> None:
    bill = make_bill(LOCK)
    refs = [one["bom-ref"] for one in bill["components"]]

    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", bill["serialNumber"])
    assert {one["type"] for one in bill["components"]} == {"library"}
    assert all(one["purl"].startswith("pkg:pypi/") for one in bill["components"])
    assert len(refs) == len(set(refs))
    assert bill == make_bill(LOCK)
