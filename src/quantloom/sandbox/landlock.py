"""Landlock: which files, ports, sockets and processes the kernel lets a child reach."""

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

from quantloom.sandbox import calls

_VERSION = 1
_BENEATH = 1
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
# The newest bit of file access that each version handles.
_FILE_BITS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_TCP = 0b11
_SCOPES = 0b11
_HAS_TCP, _HAS_SCOPES = 4, 6


def version() -> int:
    """The version of Landlock in this kernel; 0 where it has none, or may not be used."""
    try:
        return calls.call("landlock_create_ruleset", None, 0, _VERSION)
    except OSError:
        return 0


def make_ruleset(abi: int, readable: Iterable[Path]) -> int:
    """Write down what may be read; everything else that this version knows is refused.

    Args:
        abi: the version.
        readable: folders and files.
    Returns:
        A descriptor, for `restrict`.
    Raises:
        OSError: the kernel refused.
    """
    handled = [(1 << _FILE_BITS[min(abi, 5)]) - 1]
    if abi >= _HAS_TCP:
        handled.append(_TCP)
    if abi >= _HAS_SCOPES:
        handled.append(_SCOPES)
    given = (ctypes.c_uint64 * len(handled))(*handled)
    ruleset = calls.call("landlock_create_ruleset", given, ctypes.sizeof(given), 0)
    for path in readable:
        if path.exists():
            _let_read(ruleset, path)
    return ruleset


def restrict(ruleset: int) -> None:
    """Hold this process to a ruleset, for ever.

    Raises:
        OSError: the kernel refused.
    """
    calls.call("landlock_restrict_self", ruleset, 0)


def _let_read(ruleset: int, path: Path) -> None:
    folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        allowed = _READ_FILE | (_READ_DIR if path.is_dir() else 0)
        rule = ctypes.create_string_buffer(
            allowed.to_bytes(8, "little") + folder.to_bytes(4, "little"), 12
        )
        calls.call("landlock_add_rule", ruleset, _BENEATH, rule, 0)
    finally:
        os.close(folder)
