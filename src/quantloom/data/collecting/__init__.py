"""Collect bars from providers: incremental, resumable, every fetch on record."""

from quantloom.data.collecting.collector import Collected, Collector, OtherSource
from quantloom.data.collecting.ledger import CollectionRunning, Entry, Ledger, note_questions
from quantloom.data.collecting.planning import Job, plan
from quantloom.data.collecting.spec import BadCollectSpec, CollectSpec

__all__ = [
    "BadCollectSpec",
    "CollectSpec",
    "Collected",
    "CollectionRunning",
    "Collector",
    "Entry",
    "Job",
    "Ledger",
    "OtherSource",
    "note_questions",
    "plan",
]
