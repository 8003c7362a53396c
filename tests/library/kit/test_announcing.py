"""What takes long is told to whoever listens."""

from collections.abc import Iterator

import pytest

from quantloom.kit import compiling
from quantloom.kit.announcing import announce, heard_by


def test_only_who_listens_is_told() -> None:
    heard: list[str] = []

    with heard_by(heard.append):
        announce("meanwhile")
    announce("afterwards")

    assert heard == ["meanwhile"]


@pytest.mark.parametrize(("seconds", "told"), [(0.4, []), (1.1, ["compiling kernels, once"])])
def test_long_compiling_is_told(
    seconds: float, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    moments: Iterator[float] = iter([10.0, 10.0 + seconds / 2, 10.0 + seconds])
    monkeypatch.setattr(compiling, "monotonic", lambda: next(moments))
    listener = compiling.Compiling()
    heard: list[str] = []

    with heard_by(heard.append):
        listener.on_start(None)
        listener.on_start(None)
        listener.on_end(None)
        listener.on_end(None)

    assert heard == told
