"""What a strategy saved, as a file between two runs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from quantloom.data import FileNotThere
from quantloom.errors import Invalid


class BadStateFile(Invalid):
    """A file that is no saved state."""

    code = "cli.bad_state_file"

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(path, problem)
        self.path, self.problem = path, problem

    def __str__(self) -> str:
        return f"{self.path} holds no state: {self.problem}; give what --save-state has written"


def read_state(path: Path | None) -> Mapping[str, Any] | None:
    """Read what an earlier run saved; None where nothing was asked for.

    Raises:
        FileNotThere: there is no such file.
        BadStateFile: it is no JSON object.
    """
    if path is None:
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except FileNotFoundError:
        raise FileNotThere(path) from None
    except msgspec.MsgspecError as error:
        raise BadStateFile(path, str(error)) from error


def write_state(state: Mapping[str, Any], path: Path) -> None:
    """Write what a strategy saved, as JSON that people can read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.tmp")
    draft.write_bytes(msgspec.json.format(msgspec.json.encode(state), indent=2))
    # Another run may be reading it.
    draft.replace(path)
