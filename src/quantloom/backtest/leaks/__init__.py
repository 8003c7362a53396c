"""What an audit for look-ahead finds, and its verdict."""

from quantloom.backtest.leaks.kinds import LEAKS, NOTES, Leak, LeakKind, Note, NoteKind
from quantloom.backtest.leaks.verdict import VERDICTS, Audit, Verdict, read_audit

__all__ = [
    "LEAKS",
    "NOTES",
    "VERDICTS",
    "Audit",
    "Leak",
    "LeakKind",
    "Note",
    "NoteKind",
    "Verdict",
    "read_audit",
]
