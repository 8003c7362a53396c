"""Audit entries on the wire."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class EntryOut(BaseModel):
    """One act: who did what to which thing, when and from where."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    at: datetime
    actor_id: UUID | None = Field(description="Who did it; null where nobody was signed in.")
    session_id: UUID | None
    key_id: UUID | None = Field(description="The API key, where a program did it.")
    address: str | None
    request_id: str
    action: str = Field(examples=["identity.password_changed"])
    object_kind: str = Field(examples=["user"])
    object_id: str


class EntryWithDetails(EntryOut):
    """An act with what the thing was before and after it."""

    before: dict[str, Any] | None = Field(None, description="Null where there is none, or erased.")
    after: dict[str, Any] | None = None
