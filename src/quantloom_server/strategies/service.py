"""Strategies of a workspace: written, versioned, copied, kept in files."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from quantloom_server.identity.access.members import get_member
from quantloom_server.identity.personal import Part, forgets, tells
from quantloom_server.platform import trail
from quantloom_server.platform.paging import Slice, Window
from quantloom_server.platform.transaction import Transaction
from quantloom_server.strategies import repository
from quantloom_server.strategies.bundles import Saved, make_bundle, refuse_damaged
from quantloom_server.strategies.comparing import Difference, compare
from quantloom_server.strategies.errors import (
    CodeOrTemplate,
    NameTaken,
    NoSuchStrategy,
    NoSuchVersion,
    OutOfSpace,
    TooManyStrategies,
    TooManyVersions,
)
from quantloom_server.strategies.kinds import Category, Language, Origin, RiskLevel, StrategyStatus
from quantloom_server.strategies.quotas import MOST_VERSIONS, Quota, quota_of
from quantloom_server.strategies.repository import Sought
from quantloom_server.strategies.reviewing import Review, review
from quantloom_server.strategies.tables import DraftRow, StrategyRow, VersionRow
from quantloom_server.strategies.templates import get_template, starter_code

_MOST_IN_FILE = 50
_FIELDS = ("name", "description", "language", "status", "category", "risk_level")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStrategy:
    """A strategy to be made."""

    name: str
    description: str = ""
    language: Language = Language.PYTHON
    status: StrategyStatus = StrategyStatus.DRAFT
    category: Category = Category.OTHER
    risk_level: RiskLevel = RiskLevel.MEDIUM
    code: str | None = None
    template: str | None = None
    changelog: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """Where a strategy comes from."""

    origin: Origin
    origin_id: str


@dataclass(frozen=True, slots=True)
class Held:
    """A strategy with its last version."""

    row: StrategyRow
    version: VersionRow


async def look_over(code: str) -> Review:
    """Review code beside the loop, which answers others meanwhile.

    Raises:
        TooLarge: it is longer than any strategy is.
    """
    return await asyncio.to_thread(review, code)


async def list_strategies(tx: Transaction, sought: Sought, window: Window) -> Slice[StrategyRow]:
    """A page of the strategies of the caller's workspace, the newest first."""
    return await repository.list_page(tx.session, tx.asked_by().workspace_id, sought, window)


async def count_by_category(tx: Transaction) -> dict[str, int]:
    return await repository.count_by_category(tx.session, tx.asked_by().workspace_id)


async def get_row(tx: Transaction, strategy_id: UUID, *, lock: bool = False) -> StrategyRow:
    """A strategy of the caller's workspace.

    Raises:
        NoSuchStrategy: there is none.
    """
    workspace_id = tx.asked_by().workspace_id
    row = await repository.find(tx.session, workspace_id, strategy_id, lock=lock)
    if row is None:
        raise NoSuchStrategy(strategy_id)
    return row


async def get_strategy(tx: Transaction, strategy_id: UUID, *, lock: bool = False) -> Held:
    """A strategy of the caller's workspace with its code.

    Raises:
        NoSuchStrategy: there is none.
    """
    row = await get_row(tx, strategy_id, lock=lock)
    return Held(row, await _version(tx, row, row.version))


async def get_version(tx: Transaction, strategy_id: UUID, number: int) -> VersionRow:
    """One version with its code.

    Raises:
        NoSuchStrategy, NoSuchVersion: there is none.
    """
    return await _version(tx, await get_row(tx, strategy_id), number)


async def list_versions(tx: Transaction, strategy_id: UUID, window: Window) -> Slice[VersionRow]:
    """A page of a strategy's versions, the newest first.

    Raises:
        NoSuchStrategy: there is none.
    """
    row = await get_row(tx, strategy_id)
    return await repository.list_versions(tx.session, row.id, window)


async def _version(tx: Transaction, row: StrategyRow, number: int) -> VersionRow:
    found = await repository.find_version(tx.session, row.id, number)
    if found is None:
        raise NoSuchVersion(number)
    return found


async def add_strategy(tx: Transaction, new: NewStrategy) -> Held:
    """Make a strategy of code, of a template, or of the file to begin with.

    Raises:
        CodeOrTemplate: both are given.
        NoSuchTemplate, TemplateBroken: the template cannot be had.
        NameTaken, TooManyStrategies, OutOfSpace, TooLarge: it cannot be kept.
    """
    if new.code is not None and new.template is not None:
        raise CodeOrTemplate
    taken, code = None, new.code
    if new.template is not None:
        template = await asyncio.to_thread(get_template, new.template)
        taken, code = Taken(Origin.TEMPLATE, template.name), template.code
    if code is None:
        code = await asyncio.to_thread(starter_code)
    fields = {name: getattr(new, name) for name in _FIELDS}
    return await make(tx, fields, [Saved(1, code, new.changelog)], taken, done="added")


async def copy_strategy(tx: Transaction, strategy_id: UUID, name: str | None) -> Held:
    """Make another strategy of the last version of one.

    Raises:
        NoSuchStrategy: there is none.
        NameTaken, TooManyStrategies, OutOfSpace: it cannot be kept.
    """
    held = await get_strategy(tx, strategy_id)
    fields = _fields_of(held.row) | {
        "name": name or await free_name(tx, held.row.name),
        "status": StrategyStatus.DRAFT,
    }
    taken = Taken(Origin.STRATEGY, str(strategy_id))
    saved = Saved(1, held.version.code, f"copied from version {held.row.version}")
    return await make(tx, fields, [saved], taken, done="copied")


async def make(
    tx: Transaction,
    fields: Mapping[str, Any],
    versions: Sequence[Saved],
    taken: Taken | None,
    *,
    done: str,
) -> Held:
    """Write a strategy with its versions, which are numbered anew from 1.

    Raises:
        NameTaken, TooManyStrategies, OutOfSpace, TooLarge: it cannot be kept.
    """
    reviews = [await look_over(one.code) for one in versions]
    quota = await _refuse_crowd(tx)
    await _refuse_bulk(tx, quota, sum(one.size_bytes for one in reviews))
    caller, last = tx.asked_by(), reviews[-1]
    row = StrategyRow(
        **fields,
        id=tx.new_id(),
        workspace_id=caller.workspace_id,
        user_id=caller.user_id,
        version=len(versions),
        errors=last.errors,
        warnings=last.warnings,
        origin=taken.origin if taken else None,
        origin_id=taken.origin_id if taken else None,
    )
    await _keep_named(tx, row)
    rows = [
        _version_row(tx, row, number, saved, known)
        for number, (saved, known) in enumerate(zip(versions, reviews, strict=True), 1)
    ]
    tx.session.add_all(rows)
    await tx.session.flush()
    await _tell(tx, done, row, after=_told(row, last))
    return Held(row, rows[-1])


async def change_strategy(
    tx: Transaction,
    strategy_id: UUID,
    changes: Mapping[str, Any],
    *,
    code: str | None = None,
    changelog: str = "",
) -> Held:
    """Change fields of a strategy; other code than the last makes a version.

    Raises:
        NoSuchStrategy: there is none.
        NameTaken, OutOfSpace, TooManyVersions, TooLarge: it cannot be kept.
    """
    known = None if code is None else await look_over(code)
    row = await get_row(tx, strategy_id, lock=True)
    before = _told(row)
    version = await _version(tx, row, row.version)
    for name, value in changes.items():
        setattr(row, name, value)
    await _keep_named(tx, row)
    if code is not None and known is not None and known.sha256 != version.code_sha256:
        version = await _add_version(tx, row, Saved(0, code, changelog), known)
    await tx.session.flush()
    await repository.drop_draft(tx.session, row.id, tx.asked_by().user_id)
    await _tell(tx, "changed", row, before=before, after=_told(row, known))
    return Held(row, version)


async def restore_version(tx: Transaction, strategy_id: UUID, number: int) -> Held:
    """Make a new version of an old one's code; the versions between stay.

    Raises:
        NoSuchStrategy, NoSuchVersion: there is none.
        OutOfSpace, TooManyVersions: it cannot be kept.
    """
    old = await get_version(tx, strategy_id, number)
    return await change_strategy(
        tx, strategy_id, {}, code=old.code, changelog=f"restored version {number}"
    )


async def delete_strategy(tx: Transaction, strategy_id: UUID) -> None:
    """Delete a strategy; what was published of it stays on the market until it is withdrawn.

    Raises:
        NoSuchStrategy: there is none.
    """
    row = await get_row(tx, strategy_id, lock=True)
    # Results name the version they were made with, so it stays where nobody sees it.
    row.deleted_at = tx.now()
    await tx.session.flush()
    await _tell(tx, "deleted", row, before=_told(row))


async def diff(tx: Transaction, strategy_id: UUID, first: int, second: int) -> Difference:
    """Compare the code of two versions.

    Raises:
        NoSuchStrategy, NoSuchVersion: there is none.
    """
    before = await get_version(tx, strategy_id, first)
    after = await get_version(tx, strategy_id, second)
    names = (f"version {first}", f"version {second}")
    return await asyncio.to_thread(compare, before.code, after.code, names=names)


async def get_draft(tx: Transaction, strategy_id: UUID) -> DraftRow | None:
    """What the caller is writing of a strategy; None where that is what was saved.

    Raises:
        NoSuchStrategy: there is none.
    """
    row = await get_row(tx, strategy_id)
    return await repository.find_draft(tx.session, row.id, tx.asked_by().user_id)


async def put_draft(tx: Transaction, strategy_id: UUID, code: str, based_on: int) -> DraftRow:
    """Keep what the caller is writing; nobody else sees it, and no version is made.

    Raises:
        NoSuchStrategy: there is none.
        TooLarge: it is longer than any strategy is.
    """
    await look_over(code)
    row, caller = await get_row(tx, strategy_id), tx.asked_by()
    return await repository.put_draft(
        tx.session,
        {
            "strategy_id": row.id,
            "user_id": caller.user_id,
            "workspace_id": caller.workspace_id,
            "code": code,
            "based_on": based_on,
            "saved_at": tx.now(),
        },
    )


async def drop_draft(tx: Transaction, strategy_id: UUID) -> None:
    """Throw away what the caller was writing.

    Raises:
        NoSuchStrategy: there is none.
    """
    row = await get_row(tx, strategy_id)
    await repository.drop_draft(tx.session, row.id, tx.asked_by().user_id)


async def export_strategy(tx: Transaction, strategy_id: UUID) -> dict[str, Any]:
    """A strategy as a file, with as many of its last versions as an import takes.

    Raises:
        NoSuchStrategy: there is none.
    """
    row = await get_row(tx, strategy_id)
    versions = await repository.newest_versions(tx.session, row.id, _MOST_IN_FILE)
    await _tell(tx, "exported", row)
    saved = [Saved(one.number, one.code, one.changelog) for one in versions]
    return make_bundle(_fields_of(row), saved)


async def import_strategy(tx: Transaction, bundle: Mapping[str, Any]) -> Held:
    """Make a strategy of a file; its versions are numbered anew, its name made free.

    Raises:
        BadBundle: the file is not as it was written.
        TooManyStrategies, OutOfSpace, TooLarge: it cannot be kept.
    """
    refuse_damaged(dict(bundle))
    fields = dict(bundle["strategy"])
    fields["name"] = await free_name(tx, fields["name"])
    taken = Taken(Origin.FILE, bundle["checksum"])
    saved = [Saved(**one) for one in bundle["versions"]]
    return await make(tx, fields, saved, taken, done="imported")


async def free_name(tx: Transaction, name: str) -> str:
    """The name, or with a number behind it where it is taken."""
    base = name[:90]
    taken = await repository.names_like(tx.session, tx.asked_by().workspace_id, base)
    if name.lower() not in taken:
        return name
    numbers = range(2, len(taken) + 3)
    return next(made for number in numbers if (made := f"{base} {number}").lower() not in taken)


async def _refuse_crowd(tx: Transaction) -> Quota:
    caller = tx.asked_by()
    quota = quota_of((await get_member(tx, caller.user_id)).role)
    counted = await repository.count(tx.session, caller.workspace_id, caller.user_id)
    if counted >= quota.strategies:
        raise TooManyStrategies(quota.strategies)
    return quota


async def _refuse_bulk(tx: Transaction, quota: Quota, more: int) -> None:
    caller = tx.asked_by()
    held = await repository.count_bytes(tx.session, caller.workspace_id, caller.user_id)
    if held + more > quota.code_bytes:
        raise OutOfSpace(quota.code_mb)


async def _add_version(
    tx: Transaction, row: StrategyRow, saved: Saved, known: Review
) -> VersionRow:
    if row.version >= MOST_VERSIONS:
        raise TooManyVersions(MOST_VERSIONS)
    member = await get_member(tx, tx.asked_by().user_id)
    await _refuse_bulk(tx, quota_of(member.role), known.size_bytes)
    row.version += 1
    row.errors, row.warnings = known.errors, known.warnings
    version = _version_row(tx, row, row.version, saved, known)
    tx.session.add(version)
    return version


def _version_row(
    tx: Transaction, row: StrategyRow, number: int, saved: Saved, known: Review
) -> VersionRow:
    return VersionRow(
        id=tx.new_id(),
        workspace_id=row.workspace_id,
        strategy_id=row.id,
        number=number,
        code=saved.code,
        code_sha256=known.sha256,
        size_bytes=known.size_bytes,
        changelog=saved.changelog,
        parameters=known.parameters,
        unreadable=known.unreadable,
        errors=known.errors,
        warnings=known.warnings,
        created_by=tx.asked_by().user_id,
        created_at=tx.now(),
    )


async def _keep_named(tx: Transaction, row: StrategyRow) -> None:
    name = row.name
    try:
        async with tx.session.begin_nested():
            tx.session.add(row)
            await tx.session.flush()
    except IntegrityError as error:
        if "uq_strategies_name" not in str(error.orig):
            raise
        raise NameTaken(name) from None


def _fields_of(row: StrategyRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _FIELDS}


def _told(row: StrategyRow, known: Review | None = None) -> dict[str, Any]:
    """What the trail holds of a strategy; its code by digest alone."""
    told = {**_fields_of(row), "version": row.version}
    return told if known is None else told | {"code_sha256": known.sha256}


async def _tell(
    tx: Transaction,
    done: str,
    row: StrategyRow,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    await trail.record(
        tx,
        action=f"strategies.{done}",
        object_kind="strategy",
        object_id=row.id,
        before=before,
        after=after,
    )


@tells("strategies")
async def tell_strategies(tx: Transaction, user_id: UUID) -> AsyncIterator[Part]:
    """Those in the workspace that the export is asked in, with their code."""
    workspace_id = tx.asked_by().workspace_id
    for row in await repository.list_of_user(tx.session, workspace_id, user_id):
        version = await _version(tx, row, row.version)
        yield {**_fields_of(row), "version": row.version, "code": version.code}


@forgets("strategies")
async def forget_strategies(tx: Transaction, user_id: UUID) -> None:
    """Drafts and words go; strategies belong to their workspace."""
    await repository.forget(tx.session, user_id)
