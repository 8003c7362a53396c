"""Strategies, their versions, and what is being written."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from quantloom_server.platform.rows import Owned, Row


class StrategyRow(Owned, Row):
    """A strategy; its code is that of its last version."""

    __tablename__ = "strategies"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    name: Mapped[str]
    description: Mapped[str]
    language: Mapped[str]
    status: Mapped[str]
    category: Mapped[str]
    risk_level: Mapped[str]
    version: Mapped[int]
    errors: Mapped[int]
    warnings: Mapped[int]
    origin: Mapped[str | None]
    origin_id: Mapped[str | None]
    deleted_at: Mapped[datetime | None]


class VersionRow(Row):
    """The code of a strategy as it was saved once; never changed."""

    __tablename__ = "strategy_versions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[UUID] = mapped_column(ForeignKey("workspaces.id"))
    strategy_id: Mapped[UUID] = mapped_column(ForeignKey("strategies.id", ondelete="CASCADE"))
    number: Mapped[int]
    code: Mapped[str] = mapped_column(deferred=True)
    code_sha256: Mapped[str]
    size_bytes: Mapped[int]
    changelog: Mapped[str]
    parameters: Mapped[dict[str, Any]]
    unreadable: Mapped[list[dict[str, str]]] = mapped_column(JSONB)
    errors: Mapped[int]
    warnings: Mapped[int]
    created_by: Mapped[UUID]
    created_at: Mapped[datetime]


class DraftRow(Row):
    """What somebody is writing and has not saved as a version."""

    __tablename__ = "strategy_drafts"

    strategy_id: Mapped[UUID] = mapped_column(
        ForeignKey("strategies.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[UUID] = mapped_column(ForeignKey("workspaces.id"))
    code: Mapped[str]
    based_on: Mapped[int]
    saved_at: Mapped[datetime] = mapped_column(server_default=func.now())
