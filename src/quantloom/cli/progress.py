"""A progress bar for work that takes longer than a blink, on terminals alone."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from quantloom.backtest import Progress
from quantloom.kit.announcing import heard_by


@contextmanager
def progress_bar(title: str, *, quiet: bool) -> Iterator[Progress | None]:
    """Show how far a run is, on standard error; nothing where nobody watches."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415  not needed for --json
    from rich.markup import escape  # noqa: PLC0415
    from rich.progress import Progress as Bar  # noqa: PLC0415

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(escape(title), total=None)

        def progress(done: int, total: int) -> None:
            bar.update(task, description=escape(title), completed=done, total=total)

        with heard_by(lambda text: bar.update(task, description=escape(f"{title}: {text}"))):
            yield progress
