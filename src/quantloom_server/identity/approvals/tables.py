"""Acts that wait for a second person."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from quantloom_server.platform.rows import Owned, Row


class ApprovalRow(Owned, Row):
    """One act as it was proposed, and what was decided about it."""

    __tablename__ = "approvals"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    subject: Mapped[str]
    reason: Mapped[str] = mapped_column(server_default="")
    state: Mapped[str]
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    note: Mapped[str] = mapped_column(server_default="")
    expires_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
