"""Logs written as a process writes them, for a while."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import structlog

from quantloom_server.platform.logs.channels import close_logs, open_logs
from quantloom_server.settings import LogFormat, Settings


@contextmanager
def logging_into(folder: Path, console: TextIO) -> Iterator[None]:
    """Open the logs below a folder, as a person reads them on a console; then all is as before."""
    settings = Settings(_env_file=None, data_dir=folder, log_format=LogFormat.READABLE)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configured = structlog.get_config()
    open_logs(settings, process="test", console=console)
    # A logger that is first used in here would write in here for ever.
    structlog.configure(cache_logger_on_first_use=False)
    try:
        yield
    finally:
        close_logs()
        logging.captureWarnings(capture=False)
        structlog.configure(**configured)
        root.handlers[:], root.level = handlers, level
