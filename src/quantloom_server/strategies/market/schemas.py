"""The market on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from quantloom_server.platform.schemas import In, Out
from quantloom_server.strategies.kinds import Category, Language, RiskLevel
from quantloom_server.strategies.schemas import Description, Name, Number, ParametersOut

Licence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Author = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]
Comment = Annotated[str, StringConstraints(max_length=2_000)]


class ListingIn(In):
    """A version to be offered."""

    strategy_id: UUID
    version: Number | None = Field(None, description="The last one where left out.")
    description: Description = Field(
        "", description="That of the strategy where empty.", examples=["Long in trends alone."]
    )
    licence: Licence = Field(
        description="On which terms others may use it.", examples=["CC-BY-4.0"]
    )
    author: Author = Field(
        "", description="The name that everybody sees.", examples=["Ada Lovelace"]
    )


class StandingOut(Out):
    """What those who have taken it think."""

    count: int = Field(description="How many have rated it.")
    stars: float | None = Field(description="The mean, from 1 to 5.", ge=1, le=5)


class ListingOut(Out):
    """A version that is offered, without its code."""

    id: UUID
    version: int = Field(description="Of the strategy that it was published from.")
    name: str = Field(examples=["Two averages"])
    description: str = Field(examples=["Long in trends alone."])
    licence: str = Field(examples=["CC-BY-4.0"])
    author: str = Field(examples=["Ada Lovelace"])
    language: Language
    category: Category
    risk_level: RiskLevel
    warnings: int = Field(description="Findings of the check; none is an error.")
    subscribers: int = Field(description="Workspaces that have taken it.")
    rating: StandingOut
    is_own: bool = Field(description="Whether the caller's workspace offers it.")
    created_at: datetime
    withdrawn_at: datetime | None


class ListingDetailOut(ListingOut, ParametersOut):
    """A version that is offered, with its code."""

    code: str = Field(description="The source.", examples=["from quantloom import Strategy\n"])
    code_sha256: str = Field(
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]
    )


class SubscribeIn(In):
    """What the copy is to be called."""

    name: Name | None = Field(
        None, description="The name it is offered by, where left out.", examples=["Two averages"]
    )


class RatingIn(In):
    """What somebody thinks."""

    stars: int = Field(ge=1, le=5)
    comment: Comment = Field("", examples=["Holds what it says."])


class RatingOut(Out):
    """What somebody thinks; who it is, is not told."""

    id: UUID
    stars: int
    comment: str = Field(examples=["Holds what it says."])
    created_at: datetime
    updated_at: datetime
