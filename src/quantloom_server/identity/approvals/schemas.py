"""Approvals on the wire."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from quantloom_server.identity.approvals.service import State
from quantloom_server.platform.schemas import In, Out


class DecisionIn(In):
    """What whoever decides has to say."""

    note: str = Field("", max_length=500, examples=["agreed with the desk"])


class ApprovalOut(Out):
    """One act that waits, or waited, for a second person."""

    id: UUID
    kind: str = Field(examples=["access.member_role"])
    subject: str = Field(description="What the act is about.", examples=["member ada"])
    payload: dict[str, Any] = Field(
        description="All that the act will be done with.", examples=[{"role": "trader"}]
    )
    reason: str = Field(examples=["Ada goes live on Monday."])
    state: State
    proposed_by: UUID
    created_at: datetime
    expires_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    note: str = Field(examples=["agreed with the desk"])
