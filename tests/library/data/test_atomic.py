import os
from pathlib import Path

import pytest

from quantloom.data.atomic import replacing


def test_an_interrupted_write_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    path.write_bytes(b"old")

    def write_half() -> None:
        with replacing(path) as file:
            file.write(b"half of the n")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()

    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["x.parquet"]  # noqa: PTH208  hidden files count too
