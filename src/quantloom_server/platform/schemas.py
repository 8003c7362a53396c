"""What every body on the wire is made of."""

from pydantic import BaseModel, ConfigDict


class In(BaseModel):
    """What a client sends: nothing that is not asked for, and never told back in an error."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, frozen=True)


class Out(BaseModel):
    """What a client is told, read off a row or a value of ours."""

    model_config = ConfigDict(from_attributes=True)
