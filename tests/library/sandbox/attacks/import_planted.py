"""
goal: import a module that lies in a folder of the service
expect: blocked
"""

import importlib
import sys
from typing import Any


def attack(env: dict[str, Any]) -> object:
    sys.path.insert(0, env["tmp"])
    sys.path_importer_cache.clear()
    return importlib.import_module("planted").MARKER
