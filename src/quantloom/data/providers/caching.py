"""Answers kept for a while: lists and calendars, which every run would ask again."""

from pathlib import Path

import msgspec
import pyarrow as pa

from quantloom.data.atomic import replacing
from quantloom.data.providers.asking import Answer, Asker, Question
from quantloom.kit import Clock
from quantloom.kit.clock import NS_PER_SECOND

_HEAD = 8


class _Kept(msgspec.Struct, frozen=True):
    at_ns: int
    sha256: str
    version: str
    is_table: bool


class CachingAsker:
    """Asks through another asker what it does not still know from before."""

    def __init__(self, asker: Asker, folder: Path, clock: Clock) -> None:
        self.asker, self.folder, self.clock = asker, folder, clock

    def ask(self, question: Question) -> Answer:
        """Give an answer that is young enough, or ask for one and keep it."""
        if not question.keep_s:
            return self.asker.ask(question)
        path = self.folder / f"{question.key()}.answer"
        known = self._read(path, question.keep_s)
        if known is None:
            known = self.asker.ask(question)
            self._keep(path, known)
        return known

    def close(self) -> None:
        """End what the asker behind this one started."""
        self.asker.close()

    def _read(self, path: Path, keep_s: float) -> Answer | None:
        """None where there is none, where it is too old, or where it cannot be read."""
        try:
            content = path.read_bytes()
            cut = _HEAD + int.from_bytes(content[:_HEAD], "big")
            head = msgspec.json.decode(content[_HEAD:cut], type=_Kept)
            age_ns = self.clock.now_ns() - head.at_ns
            if not 0 <= age_ns < keep_s * NS_PER_SECOND:
                return None
            table, value = None, None
            if head.is_table:
                with pa.ipc.open_stream(content[cut:]) as reader:
                    table = reader.read_all()
            else:
                value = msgspec.json.decode(content[cut:])
        except (OSError, msgspec.MsgspecError, pa.ArrowException):
            return None
        return Answer(
            table=table, value=value, sha256=head.sha256, version=head.version, attempts=0
        )

    def _keep(self, path: Path, answer: Answer) -> None:
        table = answer.table
        head = msgspec.json.encode(
            _Kept(self.clock.now_ns(), answer.sha256, answer.version, table is not None)
        )
        if table is None:
            body = msgspec.json.encode(answer.value)
        else:
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, table.schema) as writer:
                writer.write_table(table)
            body = sink.getvalue().to_pybytes()
        with replacing(path) as file:
            file.write(len(head).to_bytes(_HEAD, "big") + head + body)
