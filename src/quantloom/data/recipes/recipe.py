"""A recipe: which data, and what to do with them, checked whole before anything is read."""

import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from quantloom.data.readers.raw import FileNotThere
from quantloom.data.recipes.failures import (
    BadRecipe,
    BadSetting,
    ColumnMadeTwice,
    StepsOutOfOrder,
    UnknownColumn,
    UnknownSetting,
    UnknownStep,
    close_to,
)
from quantloom.data.recipes.settings import Setting, settle
from quantloom.data.recipes.shaping import check_repairs
from quantloom.data.recipes.splitting import check_split
from quantloom.data.recipes.steps import SEVERAL, STAGES, STEPS, Step
from quantloom.market.bars import FIELDS

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")
_HEAD = ("name", "version", "description", "data", "steps")
_RESERVED = ("symbol", "ts", "part")
_DATA = (
    Setting(name="symbols", kind="texts", meaning="in any usual spelling"),
    Setting(name="timeframe", kind="timeframe", meaning="of the bars to read, such as 1d"),
    Setting(name="start", kind="moment", default=None, meaning="first open time wanted"),
    Setting(name="end", kind="moment", default=None, meaning="first open time not wanted"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How to make a dataset of bars: named, versioned and checked.

    Attributes:
        timeframe: of the bars that are read.
        start, end: bars with start <= open time < end are read; None for all.
        steps: in the order in which they are carried out.
        folder: the one that files named in it are looked for in; no part of the digest, but the
            content of those files is.
    """

    name: str
    version: int
    description: str
    symbols: tuple[str, ...]
    timeframe: str
    start: datetime | None
    end: datetime | None
    steps: tuple[Step, ...]
    folder: Path

    @classmethod
    def read(cls, path: Path) -> "Recipe":
        """Read a TOML file.

        Raises:
            FileNotThere: there is no such file.
            BadRecipe: it is no TOML, or says what no recipe has.
            UnknownStep, UnknownSetting, BadSetting, StepsOutOfOrder: a step is wrong.
            UnknownColumn, ColumnMadeTwice: a step is wrong.
        """
        try:
            told = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise FileNotThere(path) from None
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise BadRecipe(str(path), f"cannot be read: {error}") from error
        return cls.of(told, folder=path.parent, where=str(path))

    @classmethod
    def of(
        cls, told: Mapping[str, Any], *, folder: Path = Path(), where: str = "the recipe"
    ) -> "Recipe":
        """Make one of plain values, as a file has them; errors are those of `read`."""
        _check_head(told, where)
        data = settle(f"{where}, [data]", _DATA, told["data"])
        if data["start"] and data["end"] and data["start"] >= data["end"]:
            raise BadSetting(f"{where}, [data]", "end", f"{data['end']} is not after the start")
        steps = tuple(_step(place, one) for place, one in enumerate(told["steps"], start=1))
        _check_order(steps)
        _check_columns(steps)
        _check_scaled_once(steps)
        return cls(
            name=told["name"],
            version=told["version"],
            description=told.get("description", ""),
            steps=steps,
            folder=folder,
            **data,
        )

    def plain(self) -> dict[str, Any]:
        """As a file says it, with every default; `Recipe.of` reads it back."""
        data: dict[str, Any] = {"symbols": self.symbols, "timeframe": self.timeframe}
        moments = {"start": self.start, "end": self.end}
        data |= {name: moment for name, moment in moments.items() if moment is not None}
        steps = [
            {name: value for name, value in step.plain().items() if value not in (None, (), "")}
            for step in self.steps
        ]
        told = {"name": self.name, "version": self.version, "description": self.description}
        found: dict[str, Any] = msgspec.to_builtins(told | {"data": data, "steps": steps})
        return found

    @property
    def digest(self) -> str:
        """SHA-256 of all that it says, however it is written, and of the files it names.

        Raises:
            FileNotThere: a file that it names is not there.
        """
        hashed = hashlib.sha256()
        said = {name: value for name, value in self.plain().items() if name != "description"}
        hashed.update(msgspec.json.encode(said, order="deterministic"))
        for path in self.files:
            try:
                hashed.update(hashlib.sha256(path.read_bytes()).digest())
            except FileNotFoundError:
                raise FileNotThere(path) from None
        return hashed.hexdigest()

    @property
    def files(self) -> tuple[Path, ...]:
        """Files that its steps name."""
        named = (step.values.get("actions") for step in self.steps)
        return tuple(self.folder / one for one in named if one)

    @property
    def others(self) -> tuple[tuple[str, str], ...]:
        """Symbols whose bars are columns alone, and their timeframes, as steps name them."""
        named = (step.values for step in self.steps if step.kind.name == "other")
        return tuple(dict.fromkeys((one["symbol"], one["timeframe"]) for one in named))

    def stage(self, name: str) -> tuple[Step, ...]:
        """The steps of one stage."""
        return tuple(step for step in self.steps if step.kind.stage == name)

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the features it makes, in order."""
        return self._made("features")

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the labels it makes, in order."""
        return self._made("labels")

    def check_extras(self, extras: Sequence[str]) -> None:
        """Check the columns it reads once the extras of the bars are known.

        Raises:
            UnknownColumn: a step reads a column that neither the bars nor a step before it has.
        """
        _check_columns(self.steps, tuple(extras))

    def _made(self, stage: str) -> tuple[str, ...]:
        return tuple(name for step in self.stage(stage) for name in step.kind.makes(step.values))


def _check_head(told: Mapping[str, Any], where: str) -> None:
    for name in told:
        if name not in _HEAD:
            raise UnknownSetting(where, name, _HEAD, close_to(name, _HEAD))
    if not _NAME.fullmatch(str(told.get("name", ""))):
        wanted = 'needs a name of small letters, digits, "-" and "_", such as name = "my-recipe"'
        raise BadRecipe(where, wanted)
    version = told.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise BadRecipe(where, "needs a version, a whole number from 1 on, such as version = 1")
    if not isinstance(told.get("description", ""), str):
        raise BadRecipe(where, "has a description that is no text")
    if not isinstance(told.get("data"), dict):
        raise BadRecipe(where, "needs a table [data] with symbols and a timeframe")
    steps = told.get("steps")
    if not isinstance(steps, list) or not steps or not all(isinstance(one, dict) for one in steps):
        raise BadRecipe(where, "needs steps, each begun by a line [[steps]]")


def _step(place: int, told: Mapping[str, Any]) -> Step:
    given = dict(told)
    name = given.pop("step", None)
    if not isinstance(name, str):
        raise BadSetting(f"step {place}", "step", f"is missing; say one of {', '.join(STEPS)}")
    if name not in STEPS:
        raise UnknownStep(name, tuple(STEPS), close_to(name, tuple(STEPS)))
    kind = STEPS[name]
    values = settle(f"step {place}, {name}", kind.settings, given)
    if name == "split":
        check_split(values)
    if name == "clean":
        check_repairs(values)
    return Step(kind, values)


def _check_order(steps: Sequence[Step]) -> None:
    before: Step | None = None
    for place, step in enumerate(steps, start=1):
        stage = step.kind.stage
        if before is not None:
            gap = STAGES.index(stage) - STAGES.index(before.kind.stage)
            where = f"step {place}, {step.kind.name},"
            if gap < 0:
                raise StepsOutOfOrder(where, f"must come before {before.kind.name}", STAGES)
            if gap == 0 and stage not in SEVERAL:
                raise StepsOutOfOrder(where, "comes a second time", STAGES)
        before = step


def _check_columns(steps: Sequence[Step], extras: tuple[str, ...] | None = None) -> None:
    """Check what each step reads against what is there by then.

    Args:
        extras: of the bars; None where they are not known yet.
    """
    known = [*FIELDS, *(extras or ())]
    made: list[str] = []
    taken = {*known, *_RESERVED}
    for place, step in enumerate(steps, start=1):
        where = f"step {place}, {step.kind.name}"
        if step.kind.stage == "normalise":
            _demand(where, step.values["of"], made)
        elif extras is not None:
            _demand(where, step.kind.reads(step.values), [*known, *made])
        for name in step.kind.makes(step.values):
            if name in taken:
                raise ColumnMadeTwice(where, name)
            taken.add(name)
            # A label knows the future: nothing may read it.
            if step.kind.stage == "features":
                made.append(name)


def _demand(where: str, names: Sequence[str], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            raise UnknownColumn(where, name, tuple(known), close_to(name, tuple(known)))


def _check_scaled_once(steps: Sequence[Step]) -> None:
    scaled: set[str] = set()
    every = [name for one in steps for name in one.kind.makes(one.values)]
    for step in steps:
        if step.kind.stage == "normalise":
            names = {*(step.values["of"] or every)}
            if names & scaled:
                again = min(names & scaled)
                raise BadSetting("normalise", "of", f"names {again!r}, which is normalised already")
            scaled |= names
