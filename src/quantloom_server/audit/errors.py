"""What can go wrong with the trail."""

from uuid import UUID

from quantloom.errors import NotFound


class NoSuchEntry(NotFound):
    """No entry of this id that the caller may see."""

    code = "audit.not_found"

    def __init__(self, entry_id: UUID) -> None:
        super().__init__(entry_id)
        self.entry_id = entry_id

    def __str__(self) -> str:
        return f"no audit entry {self.entry_id}; GET /api/v1/audit lists those of your workspace"
