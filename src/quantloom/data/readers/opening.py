"""Find out from its first bytes what a file is, and open the tables in it."""

import re
from collections.abc import Callable
from pathlib import Path

from quantloom.data.readers import wondertrader
from quantloom.data.readers.archives import is_workbook, members
from quantloom.data.readers.columnar import open_feather, open_parquet
from quantloom.data.readers.excel import open_workbook
from quantloom.data.readers.hdf5 import open_hdf5
from quantloom.data.readers.jsons import open_json
from quantloom.data.readers.raw import FileNotThere, Form, NoTable, RawTable, UnreadableFile
from quantloom.data.readers.streams import MAGIC, Source
from quantloom.data.readers.text import open_text

_SNIFFED = 512
_TAR = 257
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OPENERS: dict[bytes, Callable[[Source], RawTable]] = {
    wondertrader.MAGIC: wondertrader.open_wondertrader,
    b"PAR1": open_parquet,
    b"ARROW1": open_feather,
    b"\xff\xff\xff\xff": open_feather,
}
_SEVERAL: dict[bytes, Callable[[Source], tuple[RawTable, ...]]] = {
    b"\x89HDF\r\n\x1a\n": open_hdf5,
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": open_workbook,
}
_PICKLE = "it is a Python pickle, which may run code when opened; save it as Parquet"
_FOREIGN = {
    b"FEA1": "it is Feather of version 1, which Arrow gave up; write it again as Parquet",
    b"7z\xbc\xaf\x27\x1c": "it is a 7-Zip archive; unpack it first",
    b"Rar!": "it is a RAR archive; unpack it first",
    b"%PDF": "it is a PDF document",
    b"\x89PNG": "it is a picture",
    b"\xff\xd8\xff": "it is a picture",
    b"GIF8": "it is a picture",
    b"SQLite format 3": "it is an SQLite database; export the table as CSV",
    b"\x93NUMPY": "it is a NumPy array; save it as CSV or Parquet",
    b"\x80\x04\x95": _PICKLE,
    b"\x80\x05\x95": _PICKLE,
}
# A bracket, and then what JSON allows behind it: text may begin with a bracket as well.
_JSON = re.compile(rb'(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*(?:\[\s*[\[{"\d\-\]]|\{\s*["}])')
_WEB_PAGE = (b"<!doctype html", b"<html", b"<?xml")


def open_tables(path: Path, *, form: Form | None = None) -> tuple[RawTable, ...]:
    """Open all tables in a file, whatever it is called: what it holds tells what it is.

    Args:
        form: how to read text whose layout is known, or must be put right.
    Returns:
        One table, or one for each member of an archive, sheet of a workbook or key of HDF5.
    Raises:
        FileNotThere: the path leads nowhere.
        UnreadableFile: it is no table of any kind, or it is damaged.
    """
    source = _source(path)
    head = source.head(_SNIFFED)
    if not head:
        raise UnreadableFile(path, "it is empty")
    codec = next((name for magic, name in MAGIC.items() if head.startswith(magic)), None)
    if head.startswith(_ZIP):
        return open_workbook(source) if is_workbook(source) else _open_archive(source, form)
    if codec:
        source = Source(path=path, compression=codec, size_bytes=source.size_bytes)
    return _open(source, form)


def _open_archive(source: Source, form: Form | None) -> tuple[RawTable, ...]:
    """Open the members that are tables; what is none is passed over if something is."""
    tables: list[RawTable] = []
    misfit: NoTable | None = None
    for member in members(source):
        try:
            tables += _open(member, form)
        except NoTable as problem:
            misfit = misfit or problem
    if not tables and misfit:
        raise misfit
    return tuple(tables)


def _open(source: Source, form: Form | None) -> tuple[RawTable, ...]:
    head = source.head(_SNIFFED)
    if head.startswith((*MAGIC, *_ZIP)):
        raise UnreadableFile(source.path, "it is packed twice; unpack it first")
    for magic, several in _SEVERAL.items():
        if head.startswith(magic):
            return several(source)
    for magic, opener in _OPENERS.items():
        if head.startswith(magic):
            return (opener(source),)
    _demand_no_stranger(source.path, head)
    if form is None and _is_json(head):
        return (open_json(source),)
    return (open_text(source, form),)


def _is_json(head: bytes) -> bool:
    return _JSON.match(head.replace(b"\0", b"")) is not None


def _source(path: Path) -> Source:
    try:
        status = path.stat()
    except FileNotFoundError:
        raise FileNotThere(path) from None
    except OSError as fault:
        raise UnreadableFile(path, fault.strerror or str(fault)) from fault
    if path.is_dir():
        raise UnreadableFile(path, "it is a directory")
    if not path.is_file():
        raise UnreadableFile(path, "it is a device or a pipe")
    return Source(path=path, size_bytes=status.st_size)


def _demand_no_stranger(path: Path, head: bytes) -> None:
    for magic, reason in _FOREIGN.items():
        if head.startswith(magic):
            raise UnreadableFile(path, reason)
    if head[_TAR : _TAR + 5] == b"ustar":
        raise UnreadableFile(path, "it is a tar archive; unpack it first")
    if head.lstrip().lower().startswith(_WEB_PAGE):
        raise UnreadableFile(path, "it is a web page; the download may have failed")
