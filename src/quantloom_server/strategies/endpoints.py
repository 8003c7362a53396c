"""Routes of strategies."""

from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from quantloom_server.platform.edge.conditions import Expected, IfMatch
from quantloom_server.platform.errors import PreconditionFailed, TooLarge
from quantloom_server.platform.paging import BadCursor, Page, WindowOf
from quantloom_server.platform.permissions import Permission
from quantloom_server.platform.routing import Routes, Tx, caller_of
from quantloom_server.platform.transaction import Transaction
from quantloom_server.strategies import service
from quantloom_server.strategies.errors import (
    BadBundle,
    CodeOrTemplate,
    NameTaken,
    NoSuchStrategy,
    NoSuchTemplate,
    NoSuchVersion,
    OutOfSpace,
    TemplateBroken,
    TooManyStrategies,
    TooManyVersions,
)
from quantloom_server.strategies.kinds import CATEGORY_NAMES, Category, RiskLevel, StrategyStatus
from quantloom_server.strategies.repository import Sought
from quantloom_server.strategies.reviewing import Review
from quantloom_server.strategies.schemas import (
    BundleIn,
    BundleOut,
    CategoriesOut,
    CategoryOut,
    CodeIn,
    CopyIn,
    DifferenceOut,
    DraftIn,
    DraftOut,
    FindingOut,
    ParametersOut,
    ReviewOut,
    StrategyChangeIn,
    StrategyDetailOut,
    StrategyIn,
    StrategyOut,
    TemplateDetailOut,
    TemplateOut,
    TemplatesOut,
    UnreadableOut,
    VersionDetailOut,
    VersionOut,
)
from quantloom_server.strategies.service import Held, NewStrategy
from quantloom_server.strategies.templates import get_template, list_templates

routes = Routes("/api/v1/strategies", tag="Strategies")

READ, WRITE = Permission.STRATEGIES_READ, Permission.STRATEGIES_WRITE
_ROOM = (NameTaken, TooManyStrategies, OutOfSpace, TooLarge)


async def ask_sought(
    request: Request,
    *,
    q: Annotated[str, Query(max_length=100, description="Part of a name or description.")] = "",
    category: Annotated[Category | None, Query(description="Those in this category.")] = None,
    status: Annotated[StrategyStatus | None, Query(description="Those in this status.")] = None,
    risk_level: Annotated[RiskLevel | None, Query(description="Those of this risk.")] = None,
    mine: Annotated[bool, Query(description="Only those that the caller made.")] = False,
) -> Sought:
    caller = caller_of(request)
    user_id = caller.user_id if mine and caller else None
    return Sought(text=q, category=category, status=status, risk_level=risk_level, user_id=user_id)


@routes.get(needs=READ, summary="List and search strategies", errors=(BadCursor,))
async def list_strategies(
    tx: Tx, window: WindowOf, sought: Annotated[Sought, Depends(ask_sought)]
) -> Page[StrategyOut]:
    """Those of the workspace, the newest first."""
    part = await service.list_strategies(tx, sought, window)
    return Page[StrategyOut].of(part, StrategyOut.model_validate)


@routes.post(
    needs=WRITE,
    status_code=201,
    summary="Make a strategy",
    errors=(CodeOrTemplate, NoSuchTemplate, TemplateBroken, *_ROOM),
)
async def add_strategy(body: StrategyIn, tx: Tx) -> StrategyDetailOut:
    """Of code, of a template, or of a file to begin with. Code with findings is kept too."""
    return show(await service.add_strategy(tx, NewStrategy(**body.model_dump())))


@routes.get("/categories", needs=READ, summary="List categories")
async def list_categories(tx: Tx) -> CategoriesOut:
    """With names in both languages, and how many strategies of the workspace are in each."""
    counted = await service.count_by_category(tx)
    items = [
        CategoryOut(category=one, name_en=names[0], name_zh=names[1], count=counted.get(one, 0))
        for one, names in CATEGORY_NAMES.items()
    ]
    return CategoriesOut(items=items)


@routes.post("/check", needs=READ, summary="Look code over", errors=(TooLarge,))
async def check_code(body: CodeIn) -> ReviewOut:
    """Nothing is run or kept: findings with their places, and the parameters as declared."""
    return _show_review(await service.look_over(body.code))


@routes.get("/templates", needs=READ, summary="List templates")
def list_all_templates() -> TemplatesOut:
    """The presets and the strategies of installed packages; nobody changes them here."""
    return TemplatesOut(items=[TemplateOut.model_validate(one) for one in list_templates()])


@routes.get(
    "/templates/{template}",
    needs=READ,
    summary="See a template with its code",
    errors=(NoSuchTemplate, TemplateBroken),
)
def read_template(template: str) -> TemplateDetailOut:
    """`POST /api/v1/strategies` makes a strategy of it."""
    return TemplateDetailOut.model_validate(get_template(template))


@routes.post(
    "/import",
    needs=WRITE,
    status_code=201,
    summary="Make a strategy of a file",
    errors=(BadBundle, *_ROOM),
)
async def import_strategy(body: BundleIn, tx: Tx) -> StrategyDetailOut:
    """What an export wrote, checksum included. A name that is taken gets a number."""
    return show(await service.import_strategy(tx, body.model_dump(mode="json")))


@routes.get(
    "/{strategy_id}",
    needs=READ,
    summary="See a strategy with its code",
    errors=(NoSuchStrategy,),
)
async def get_strategy(strategy_id: UUID, tx: Tx) -> StrategyDetailOut:
    """`ETag` names its state; send it as `If-Match` with a change."""
    return show(await service.get_strategy(tx, strategy_id))


@routes.put(
    "/{strategy_id}",
    needs=WRITE,
    summary="Change a strategy",
    errors=(NoSuchStrategy, PreconditionFailed, NameTaken, OutOfSpace, TooLarge, TooManyVersions),
)
async def change_strategy(
    strategy_id: UUID, body: StrategyChangeIn, tx: Tx, expected: IfMatch
) -> StrategyDetailOut:
    """What is left out stays. Other code than the last makes a version, and ends the draft."""
    await _refuse_changed(tx, strategy_id, expected)
    changes = body.model_dump(exclude={"code", "changelog"}, exclude_none=True)
    held = await service.change_strategy(
        tx, strategy_id, changes, code=body.code, changelog=body.changelog
    )
    return show(held)


@routes.delete(
    "/{strategy_id}",
    needs=WRITE,
    status_code=204,
    summary="Delete a strategy",
    errors=(NoSuchStrategy, PreconditionFailed),
)
async def delete_strategy(strategy_id: UUID, tx: Tx, expected: IfMatch) -> None:
    """What was published of it stays on the market until it is withdrawn."""
    await _refuse_changed(tx, strategy_id, expected)
    await service.delete_strategy(tx, strategy_id)


@routes.post(
    "/{strategy_id}/copy",
    needs=WRITE,
    status_code=201,
    summary="Copy a strategy",
    errors=(NoSuchStrategy, *_ROOM),
)
async def copy_strategy(strategy_id: UUID, tx: Tx, body: CopyIn | None = None) -> StrategyDetailOut:
    """The last version, as version 1 of a draft."""
    name = body.name if body else None
    return show(await service.copy_strategy(tx, strategy_id, name))


@routes.get(
    "/{strategy_id}/check",
    needs=READ,
    summary="Look a strategy over",
    errors=(NoSuchStrategy,),
)
async def check_strategy(strategy_id: UUID, tx: Tx) -> ReviewOut:
    """The findings of its last version."""
    held = await service.get_strategy(tx, strategy_id)
    return _show_review(await service.look_over(held.version.code))


@routes.get(
    "/{strategy_id}/parameters",
    needs=READ,
    summary="See what a strategy can be tuned by",
    errors=(NoSuchStrategy,),
)
async def get_parameters(strategy_id: UUID, tx: Tx) -> ParametersOut:
    """Read off the code, which is not run for it; `unreadable` tells what that leaves out."""
    held = await service.get_strategy(tx, strategy_id)
    return ParametersOut.model_validate(held.version)


@routes.get(
    "/{strategy_id}/versions",
    needs=READ,
    summary="List versions",
    errors=(NoSuchStrategy, BadCursor),
)
async def list_versions(strategy_id: UUID, tx: Tx, window: WindowOf) -> Page[VersionOut]:
    """The newest first, without their code."""
    part = await service.list_versions(tx, strategy_id, window)
    return Page[VersionOut].of(part, VersionOut.model_validate)


@routes.get(
    "/{strategy_id}/versions/{number}",
    needs=READ,
    summary="See a version with its code",
    errors=(NoSuchStrategy, NoSuchVersion),
)
async def get_version(strategy_id: UUID, number: int, tx: Tx) -> VersionDetailOut:
    """A version never changes."""
    return VersionDetailOut.model_validate(await service.get_version(tx, strategy_id, number))


@routes.post(
    "/{strategy_id}/versions/{number}/restore",
    needs=WRITE,
    summary="Restore a version",
    errors=(NoSuchStrategy, NoSuchVersion, OutOfSpace, TooManyVersions),
)
async def restore_version(strategy_id: UUID, number: int, tx: Tx) -> StrategyDetailOut:
    """Its code becomes a new version; those between stay."""
    return show(await service.restore_version(tx, strategy_id, number))


@routes.get(
    "/{strategy_id}/versions/{first}/diff/{second}",
    needs=READ,
    summary="Compare two versions",
    errors=(NoSuchStrategy, NoSuchVersion),
)
async def diff_versions(strategy_id: UUID, first: int, second: int, tx: Tx) -> DifferenceOut:
    """Line by line, as `diff -u` writes it."""
    found = await service.diff(tx, strategy_id, first, second)
    return DifferenceOut(
        first=first,
        second=second,
        unified=found.unified,
        added=found.added,
        removed=found.removed,
    )


@routes.get(
    "/{strategy_id}/draft",
    needs=READ,
    summary="See what you are writing",
    errors=(NoSuchStrategy,),
)
async def get_draft(strategy_id: UUID, tx: Tx) -> DraftOut:
    """Your own draft, or the last version where there is none."""
    return await _show_draft(tx, strategy_id)


@routes.put(
    "/{strategy_id}/draft",
    needs=WRITE,
    summary="Keep what you are writing",
    errors=(NoSuchStrategy, PreconditionFailed, TooLarge),
)
async def put_draft(strategy_id: UUID, body: DraftIn, tx: Tx, expected: IfMatch) -> DraftOut:
    """For an editor to call every few seconds: no version, no line in the audit trail."""
    if expected.is_said:
        await service.get_row(tx, strategy_id, lock=True)
        expected.refuse_changed(await _show_draft(tx, strategy_id))
    row = await service.put_draft(tx, strategy_id, body.code, body.based_on)
    return DraftOut.model_validate(row)


@routes.delete(
    "/{strategy_id}/draft",
    needs=WRITE,
    status_code=204,
    summary="Throw away what you were writing",
    errors=(NoSuchStrategy,),
)
async def drop_draft(strategy_id: UUID, tx: Tx) -> None:
    """The saved versions stay."""
    await service.drop_draft(tx, strategy_id)


@routes.get(
    "/{strategy_id}/export",
    needs=READ,
    summary="Export a strategy as a file",
    errors=(NoSuchStrategy,),
)
async def export_strategy(strategy_id: UUID, tx: Tx, response: Response) -> BundleOut:
    """One JSON file with as many of the last versions as an import takes, and a checksum."""
    bundle: dict[str, Any] = await service.export_strategy(tx, strategy_id)
    name = quote(f"{bundle['strategy']['name']}.strategy.json")
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"strategy.json\"; filename*=UTF-8''{name}"
    )
    return BundleOut.model_validate(bundle)


def show(held: Held) -> StrategyDetailOut:
    """A strategy on the wire."""
    version = ParametersOut.model_validate(held.version)
    return StrategyDetailOut(
        **StrategyOut.model_validate(held.row).model_dump(),
        **version.model_dump(),
        code=held.version.code,
        code_sha256=held.version.code_sha256,
    )


async def _show_draft(tx: Transaction, strategy_id: UUID) -> DraftOut:
    draft = await service.get_draft(tx, strategy_id)
    if draft is not None:
        return DraftOut.model_validate(draft)
    held = await service.get_strategy(tx, strategy_id)
    return DraftOut(code=held.version.code, based_on=held.row.version, saved_at=None)


async def _refuse_changed(tx: Transaction, strategy_id: UUID, expected: Expected) -> None:
    if expected.is_said:
        expected.refuse_changed(show(await service.get_strategy(tx, strategy_id, lock=True)))


def _show_review(known: Review) -> ReviewOut:
    return ReviewOut(
        findings=[FindingOut.model_validate(one) for one in known.findings],
        errors=known.errors,
        warnings=known.warnings,
        code_sha256=known.sha256,
        parameters=known.parameters,
        unreadable=[UnreadableOut(**one) for one in known.unreadable],
    )
