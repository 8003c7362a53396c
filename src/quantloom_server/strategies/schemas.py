"""Strategies on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from quantloom.strategy.check import Severity
from quantloom_server.platform.schemas import In, Out
from quantloom_server.strategies.bundles import FORMAT
from quantloom_server.strategies.kinds import Category, Language, Origin, RiskLevel, StrategyStatus
from quantloom_server.strategies.reviewing import LARGEST_CODE

_CODE = (
    "from quantloom import Bar, Context, Strategy\n\n\n"
    "class Mine(Strategy):\n"
    '    """Holds one lot."""\n\n'
    "    def on_bar(self, ctx: Context, bar: Bar) -> None:\n"
    "        ctx.target_quantity(bar.symbol, 1)\n"
)
_SCHEMA = {
    "type": "object",
    "properties": {"fast": {"type": "integer", "default": 10, "minimum": 2, "maximum": 200}},
    "additionalProperties": False,
}
_SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Description = Annotated[str, StringConstraints(max_length=10_000)]
Changelog = Annotated[str, StringConstraints(max_length=2_000)]
Code = Annotated[str, StringConstraints(max_length=LARGEST_CODE)]
Number = Annotated[int, Field(ge=1, le=1_000_000)]
TemplateName = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class FindingOut(Out):
    """Something that the check has to say, and where; lines and columns from 1."""

    line: int = Field(description="From 1.")
    column: int = Field(description="In characters, from 1.")
    end_line: int
    end_column: int = Field(description="Behind the last character.")
    severity: Severity
    code: str = Field(description="The name of the rule; it stays.", examples=["shift_ahead"])
    group: str = Field(examples=["look-ahead"])
    text_en: str = Field(examples=["shift by a negative number brings later rows to earlier ones"])
    text_zh: str = Field(examples=["shift 以负数移动"])
    hint_en: str = Field(examples=["shift by a positive number"])
    hint_zh: str = Field(examples=["请用正数移动"])


class UnreadableOut(Out):
    """What only running the code would tell of its parameters."""

    name: str = Field(examples=["level"])
    text_en: str = Field(examples=["choices is worked out when the code runs"])
    text_zh: str = Field(examples=["choices 要在代码运行时才算出"])


class ParametersOut(Out):
    """The parameters as the code declares them; running it confirms them."""

    parameters: dict[str, Any] = Field(description="JSON Schema.", examples=[_SCHEMA])
    unreadable: list[UnreadableOut]


class ReviewOut(ParametersOut):
    """What is known of some code without running it."""

    findings: list[FindingOut] = Field(description="By line, at most 500.")
    errors: int = Field(description="How many keep it from running.")
    warnings: int
    code_sha256: str = Field(examples=[_SHA])


class CodeIn(In):
    """Code to be looked over."""

    code: Code = Field(description="At most 256 KB.", examples=[_CODE])


class StrategyIn(In):
    """A new strategy."""

    name: Name = Field(examples=["Two averages"])
    description: Description = Field("", examples=["Long while the fast one is above."])
    language: Language = Language.PYTHON
    status: StrategyStatus = Field(
        StrategyStatus.DRAFT, description="A draft, in use, or put away."
    )
    category: Category = Category.OTHER
    risk_level: RiskLevel = RiskLevel.MEDIUM
    code: Code | None = Field(
        None, description="At most 256 KB; a file to begin with where left out.", examples=[_CODE]
    )
    template: TemplateName | None = Field(
        None, description="Takes the code of a template instead.", examples=[None]
    )
    changelog: Changelog = Field("", examples=["first version"])


class StrategyChangeIn(In):
    """What is to change; what is left out stays. Other code than the last makes a version."""

    name: Name | None = Field(None, examples=["Two averages"])
    description: Description | None = Field(None, examples=["Long while the fast one is above."])
    language: Language | None = None
    status: StrategyStatus | None = Field(None, description="A draft, in use, or put away.")
    category: Category | None = None
    risk_level: RiskLevel | None = None
    code: Code | None = Field(None, description="The source, at most 256 KB.", examples=[_CODE])
    changelog: Changelog = Field("", description="What is new in the version.", examples=["a stop"])


class CopyIn(In):
    """What a copy is to be called."""

    name: Name | None = Field(
        None, description="The name with a number, where left out.", examples=["Two averages 2"]
    )


class StrategyOut(Out):
    """A strategy, without its code."""

    id: UUID
    user_id: UUID = Field(description="Who made it.")
    name: str = Field(examples=["Two averages"])
    description: str = Field(examples=["Long while the fast one is above."])
    language: Language
    status: StrategyStatus = Field(description="A draft, in use, or put away.")
    category: Category
    risk_level: RiskLevel
    version: int = Field(description="The number of its last version.")
    errors: int = Field(description="Findings that keep its last version from running.")
    warnings: int
    origin: Origin | None = Field(description="What it was taken from.")
    origin_id: str | None = Field(examples=["macd"])
    created_at: datetime
    updated_at: datetime


class StrategyDetailOut(StrategyOut, ParametersOut):
    """A strategy with the code of its last version."""

    code: str = Field(description="The source.", examples=[_CODE])
    code_sha256: str = Field(examples=[_SHA])


class VersionOut(Out):
    """A version, without its code."""

    number: int
    changelog: str = Field(examples=["first version"])
    code_sha256: str = Field(examples=[_SHA])
    size_bytes: int
    errors: int = Field(description="How many findings keep it from running.")
    warnings: int
    created_by: UUID
    created_at: datetime


class VersionDetailOut(VersionOut, ParametersOut):
    """A version with its code."""

    code: str = Field(description="The source.", examples=[_CODE])


class DifferenceOut(Out):
    """How one version differs from another."""

    first: int = Field(description="The number of the version before.")
    second: int = Field(description="The number of the version after.")
    unified: str = Field(
        description="As `diff -u` writes it; empty where nothing differs.",
        examples=["--- version 1\n+++ version 2\n@@ -1 +1 @@\n-fast = 10\n+fast = 12\n"],
    )
    added: int = Field(description="Lines.")
    removed: int = Field(description="Lines.")


class DraftIn(In):
    """What is being written."""

    code: Code = Field(description="The source, at most 256 KB.", examples=[_CODE])
    based_on: Number = Field(description="The version that it began with.")


class DraftOut(Out):
    """What the caller is writing, or the last version where nothing is."""

    code: str = Field(description="The source.", examples=[_CODE])
    based_on: int
    saved_at: datetime | None = Field(description="Null where there is no draft.")


class CategoryOut(Out):
    """A category, and how many strategies are in it here."""

    category: Category
    name_en: str = Field(examples=["Trend following"])
    name_zh: str = Field(examples=["趋势跟踪"])
    count: int = Field(description="How many strategies of the workspace are in it.")


class CategoriesOut(Out):
    """Every category."""

    items: list[CategoryOut]


class TemplateOut(Out):
    """A strategy of an installed package."""

    name: str = Field(examples=["macd"])
    is_preset: bool = Field(description="Whether it comes with Quantloom.")
    package: str = Field(examples=["quantloom"])
    package_version: str = Field(examples=["0.1.0"])
    class_name: str = Field(examples=["Macd"])
    description: str = Field(examples=["Long while the MACD line is above its signal."])
    parameters: dict[str, Any] = Field(description="JSON Schema.", examples=[_SCHEMA])
    problem: str | None = Field(
        description="Why its package cannot be read; null where it can.", examples=[None]
    )


class TemplateDetailOut(TemplateOut):
    """A template with its code, which `POST /api/v1/strategies` takes by its name."""

    code: str = Field(description="The source.", examples=[_CODE])


class TemplatesOut(Out):
    """Every template, by name."""

    items: list[TemplateOut]


class BundleFieldsIn(In):
    """The fields of a strategy in a file."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)] = Field(
        examples=["Two averages"]
    )
    description: Description = Field(examples=["Long while the fast one is above."])
    language: Language
    status: StrategyStatus = Field(description="A draft, in use, or put away.")
    category: Category
    risk_level: RiskLevel


class BundleVersionIn(In):
    """A version in a file."""

    number: Number
    code: Code = Field(description="The source, at most 256 KB.", examples=[_CODE])
    changelog: Changelog = Field(examples=["first version"])


class BundleIn(In):
    """A strategy as a file."""

    format: Literal["quantloom.strategy"] = Field(examples=[FORMAT])
    format_version: Literal[1]
    strategy: BundleFieldsIn
    versions: list[BundleVersionIn] = Field(
        min_length=1, max_length=50, description="The oldest first."
    )
    checksum: Digest = Field(
        description="SHA-256 of `strategy` and `versions` as JSON, sorted keys, no spaces.",
        examples=[_SHA],
    )


class BundleFieldsOut(Out):
    """The fields of a strategy in a file."""

    name: str = Field(examples=["Two averages"])
    description: str = Field(examples=["Long while the fast one is above."])
    language: Language
    status: StrategyStatus = Field(description="A draft, in use, or put away.")
    category: Category
    risk_level: RiskLevel


class BundleVersionOut(Out):
    """A version in a file."""

    number: int
    code: str = Field(description="The source.", examples=[_CODE])
    changelog: str = Field(examples=["first version"])


class BundleOut(Out):
    """A strategy as a file, as an import takes it."""

    format: str = Field(examples=[FORMAT])
    format_version: int
    strategy: BundleFieldsOut
    versions: list[BundleVersionOut] = Field(description="The oldest first.")
    checksum: str = Field(
        description="SHA-256 of `strategy` and `versions` as JSON, sorted keys, no spaces.",
        examples=[_SHA],
    )
