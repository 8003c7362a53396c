"""Members of a zip archive, each a source of bytes of its own."""

import struct
import zipfile
from io import FileIO

from quantloom.data.readers.raw import UnreadableFile
from quantloom.data.readers.streams import Source

_MOST_MEMBERS = 10_000
_MOST_BOOK_BYTES = 1 << 30
_BOOKS = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")
_FAULTS = (OSError, zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, EOFError)


def is_workbook(source: Source) -> bool:
    """Tell whether a zip archive is a workbook of Excel or OpenDocument.

    Raises:
        UnreadableFile: the archive is damaged, or a workbook that unpacks beyond all measure.
    """
    with _archive(source) as archive:
        infos = archive.infolist()
    if not any(info.filename in _BOOKS for info in infos):
        return False
    if sum(info.file_size for info in infos) > _MOST_BOOK_BYTES:
        reason = f"the workbook unpacks to more than {_MOST_BOOK_BYTES >> 20} MiB; save it as CSV"
        raise UnreadableFile(source.path, reason)
    return True


def members(source: Source) -> tuple[Source, ...]:
    """List the files in a zip archive, less folders, empty files and what file managers leave.

    Raises:
        UnreadableFile: the archive is damaged, or holds nothing or far too much.
    """
    archive = _archive(source)
    infos = [info for info in archive.infolist() if _may_be_data(info)]
    if not infos:
        raise UnreadableFile(source.path, "the archive is empty")
    if len(infos) > _MOST_MEMBERS:
        raise UnreadableFile(source.path, f"the archive has more than {_MOST_MEMBERS} files")
    return tuple(
        Source(
            path=source.path,
            compression="zip",
            member=info.filename,
            size_bytes=info.compress_size,
            unpacked_bytes=info.file_size,
            archive=archive,
        )
        for info in infos
    )


class _Held(FileIO):
    """A file that is closed when the last of those who read from it is gone, without a warning."""

    def __del__(self) -> None:
        self.close()


def _archive(source: Source) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(_Held(source.path))
    except _FAULTS as fault:
        reason = f"the zip archive is damaged or cut short ({fault}); get it again"
        raise UnreadableFile(source.path, reason) from fault


def _may_be_data(info: zipfile.ZipInfo) -> bool:
    parts = info.filename.split("/")
    is_litter = "__MACOSX" in parts or parts[-1].startswith(".") or parts[-1] == "Thumbs.db"
    return not info.is_dir() and info.file_size > 0 and not is_litter
