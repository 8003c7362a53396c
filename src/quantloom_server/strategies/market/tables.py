"""Versions that are offered to everybody, and what others say of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from quantloom_server.platform.rows import Owned, Row, Stamped


class ListingRow(Owned, Row):
    """A version as it was published, code and all: it stays what others have looked at."""

    __tablename__ = "strategy_listings"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    strategy_id: Mapped[UUID] = mapped_column(ForeignKey("strategies.id"))
    version: Mapped[int]
    name: Mapped[str]
    description: Mapped[str]
    licence: Mapped[str]
    author: Mapped[str]
    language: Mapped[str]
    category: Mapped[str]
    risk_level: Mapped[str]
    code: Mapped[str] = mapped_column(deferred=True)
    code_sha256: Mapped[str]
    parameters: Mapped[dict[str, Any]]
    unreadable: Mapped[list[dict[str, str]]] = mapped_column(JSONB)
    warnings: Mapped[int]
    subscribers: Mapped[int] = mapped_column(server_default="0")
    withdrawn_at: Mapped[datetime | None]


class RatingRow(Stamped, Row):
    """What somebody thinks of a listing."""

    __tablename__ = "strategy_ratings"

    listing_id: Mapped[UUID] = mapped_column(
        ForeignKey("strategy_listings.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[UUID] = mapped_column(ForeignKey("workspaces.id"))
    id: Mapped[UUID]
    stars: Mapped[int]
    comment: Mapped[str]
