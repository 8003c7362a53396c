"""What is searched, in plain values, and the digests of all that its trials depend on."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from quantloom.backtest.optimise.samplers import FIXED_METHODS
from quantloom.backtest.optimise.spaces import Axis, Space
from quantloom.backtest.preparing import Prepared
from quantloom.errors import Invalid
from quantloom.strategy import Value, code_digest


class BadStudy(Invalid):
    """A setting of a search that it cannot be carried out with."""

    code = "optimise.bad_study"

    def __init__(self, setting: str, value: object, wanted: str) -> None:
        super().__init__(setting, value, wanted)
        self.setting, self.value, self.wanted = setting, value, wanted

    def __str__(self) -> str:
        return f"{self.setting} is {self.value}; it must be {self.wanted}"


@dataclass(frozen=True, slots=True)
class EarlyStop:
    """Give sets up that look hopeless on the first part of the data.

    The sets of a batch are judged together: on each part in turn, the best share goes on, and what
    is left of them in the end is run over all data (successive halving).

    Attributes:
        parts: shares of the data, rising, such as (0.25,).
        keep: which share of the sets goes on from each.
    """

    parts: tuple[float, ...] = (0.25,)
    keep: float = 0.5

    def __post_init__(self) -> None:
        if not self.parts or not all(0 < one < 1 for one in self.parts):
            raise BadStudy("early stop", self.parts, "after shares of the data between 0 and 1")
        if [*self.parts] != sorted(set(self.parts)):
            raise BadStudy("early stop", self.parts, "after rising shares of the data")
        if not 0 < self.keep < 1:
            raise BadStudy("early stop", self.keep, "a share to keep between 0 and 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class StudySpec:
    """What is searched, in plain values: a service can store it, and share its sets out.

    Attributes:
        strategy, symbols, timeframe, start, end: what is backtested; times are ISO 8601.
        axes, constraints, fixed: the space.
        objectives: such as `max:sharpe_ratio`, the first one deciding what is best.
        batch: how many sets a method is asked for at a time.
        identity: SHA-256 of what the outcome depends on, by what it is of.
    """

    strategy: str
    symbols: tuple[str, ...]
    timeframe: str
    start: str
    end: str
    axes: tuple[Axis, ...]
    constraints: tuple[str, ...]
    fixed: Mapping[str, Value]
    objectives: tuple[str, ...]
    method: str
    seed: int
    batch: int
    early_stop: EarlyStop | None = None
    identity: Mapping[str, str] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """The spec as JSON can hold it; `spec_of` reads it."""
        return {
            **msgspec.to_builtins(replace(self, axes=())),
            "axes": [axis.plain() for axis in self.axes],
        }

    def digest(self) -> str:
        """SHA-256 of everything that the trials depend on."""
        told = msgspec.json.encode(dict(self.identity), order="deterministic")
        return _sha(told)

    def search_digest(self) -> str:
        """SHA-256 of everything that is looked at, whatever runs it."""
        looked_at = {name: one for name, one in self.identity.items() if name != "executor"}
        return _sha(msgspec.json.encode(looked_at, order="deterministic"))


def spec_of(plain: Mapping[str, Any]) -> StudySpec:
    """Read a spec of plain values."""
    axes = tuple(Axis.of_plain(one) for one in plain["axes"])
    names = StudySpec.__dataclass_fields__
    rest = {name: plain[name] for name in names if name != "axes"} | {"axes": ()}
    return replace(msgspec.convert(rest, StudySpec), axes=axes)


def identity_of(prepared: Prepared, spec: StudySpec, space: Space, executor: str) -> dict[str, str]:
    """Digests of all that the trials of a study depend on."""
    search = {
        "axes": [axis.plain() for axis in space.axes],
        "rest": [*spec.constraints, *spec.objectives, spec.method, spec.seed],
        # These two change what is tried only where sets depend on each other.
        "batch": spec.batch if spec.method not in FIXED_METHODS or spec.early_stop else 0,
        "early_stop": spec.early_stop,
        "fixed": dict(space.fixed),
    }
    run = replace(prepared.spec, parameters={}, strategy="")
    return {
        "strategy": code_digest(prepared.strategy),
        "data": _data_digest(prepared),
        "settings": run.digest(),
        "facts": prepared.facts.digest(),
        "search": _sha(msgspec.json.encode(search, order="deterministic")),
        "executor": executor,
    }


def _data_digest(prepared: Prepared) -> str:
    told = [one.digest() for one in prepared.bars.values()]
    told += [f"detail {one.digest()}" for one in (prepared.detail or {}).values()]
    if prepared.benchmark is not None:
        told.append(f"benchmark {prepared.benchmark.digest()}")
    return _sha("\n".join(told).encode())


def _sha(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
