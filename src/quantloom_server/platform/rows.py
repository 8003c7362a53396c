"""What all tables share: names of constraints, types, and the columns of owned rows."""

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, MetaData, Numeric, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Row(DeclarativeBase):
    """A row of any table. Ids are UUIDv7, made by us, so that they sort by time."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        Decimal: Numeric(38, 18),
        dict[str, Any]: JSONB,
    }
    # What the server fills in comes back with the change: a later read could not wait for it.
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012  as SQLAlchemy names it


class Stamped:
    """When a row was made and last changed."""

    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class Owned(Stamped):
    """A row of one workspace; row-level security keeps it there."""

    workspace_id: Mapped[UUID] = mapped_column(ForeignKey("workspaces.id"), index=True)
