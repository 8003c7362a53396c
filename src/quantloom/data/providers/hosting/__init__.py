"""The low-privilege process in which vendors' code runs, and the parent's side of it."""

from quantloom.data.providers.hosting.process import Worker, WorkerAsker

__all__ = ["Worker", "WorkerAsker"]
