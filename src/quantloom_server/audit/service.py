"""Reading the trail."""

from collections.abc import AsyncIterator
from uuid import UUID

from quantloom_server.audit import repository
from quantloom_server.audit.errors import NoSuchEntry
from quantloom_server.audit.repository import Sought
from quantloom_server.platform.paging import Slice, Window
from quantloom_server.platform.trail import AuditDetailRow, AuditEntryRow
from quantloom_server.platform.transaction import Transaction


async def list_entries(tx: Transaction, sought: Sought, window: Window) -> Slice[AuditEntryRow]:
    return await repository.list_entries(tx.session, tx.asked_by(), sought, window)


async def get_entry(tx: Transaction, entry_id: UUID) -> tuple[AuditEntryRow, AuditDetailRow | None]:
    """Read one entry with its details.

    Raises:
        NoSuchEntry: there is none that the caller may see.
    """
    found = await repository.find_entry(tx.session, tx.asked_by(), entry_id)
    if found is None:
        raise NoSuchEntry(entry_id)
    return found


def stream_entries(tx: Transaction, sought: Sought) -> AsyncIterator[AuditEntryRow]:
    """Read every entry that is sought, oldest first, without holding them all."""
    return repository.stream_entries(tx.session, tx.asked_by(), sought)
