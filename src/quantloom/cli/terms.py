"""How a run's terms are written on the command line: `risk:0.01`, `square-root:1,ticks=1`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import typer

from quantloom.errors import Invalid
from quantloom.market import NotANumber, exact
from quantloom.simulation import AnySlippage, Slippage, SquareRootImpact, VolumeShareSlippage
from quantloom.strategy import (
    AnySizing,
    EquityShare,
    FixedSize,
    KellyFraction,
    RiskPerTrade,
    VolatilityTarget,
)

_Model = TypeVar("_Model")


class BadModel(Invalid):
    """A sizing or slippage that is not written like one."""

    code = "cli.bad_model"

    def __init__(self, option: str, text: str, known: tuple[str, ...]) -> None:
        super().__init__(option, text, known)
        self.option, self.text, self.known = option, text, known

    def __str__(self) -> str:
        return f"{self.option} {self.text!r} is not known; write {', '.join(self.known)}"


class BadNumber(Invalid):
    """An option that takes a number and was given something else."""

    code = "cli.bad_number"

    def __init__(self, option: str, text: str) -> None:
        super().__init__(option, text)
        self.option, self.text = option, text

    def __str__(self) -> str:
        percent = self.text.strip().removesuffix("%")
        hint = "0.05 for 5 %" if percent != self.text.strip() else "it like 1234.5"
        return f"{self.option} {self.text!r} is no number; write {hint}"


@dataclass(frozen=True, slots=True)
class _Written(Generic[_Model]):
    """How a model is written: `name:value`, then `,more=value` of its further settings."""

    make: Callable[..., _Model]
    example: str
    more: tuple[str, ...] = ()


def a_number(param: typer.CallbackParam, text: str | None) -> str | None:
    """Check an option that takes a number.

    Raises:
        BadNumber: it is none.
    """
    if text is not None:
        try:
            exact(text)
        except NotANumber:
            raise BadNumber(param.opts[0], text) from None
    return text


def read_sizing(text: str | None) -> AnySizing | None:
    """Read `--sizing`; None where it was not given.

    Raises:
        BadModel: it is none of the sizings, or has a setting that this one lacks.
        NotANumber, BadSizing: a value that is no number, or outside what makes sense.
    """
    return None if text is None else _read("--sizing", text, _SIZINGS)


def read_slippage(text: str) -> AnySlippage:
    """Read `--slippage`: a number of ticks, or a model.

    Raises:
        BadModel: it is none of the models, or has a setting that this one lacks.
        NotANumber, BadSlippage: a value that is no number, or outside what makes sense.
    """
    if ":" not in text:
        return Slippage.of(ticks=text)
    return _read("--slippage", text, _SLIPPAGES)


def read_participation(text: str) -> str | None:
    """Read `--participation`: a share of volume, or `none` for no cap."""
    return None if text.strip().lower() == "none" else text


def _read(option: str, text: str, models: Mapping[str, _Written[_Model]]) -> _Model:
    name, _, rest = text.partition(":")
    value, *further = rest.split(",")
    named = {key.strip(): setting for key, _, setting in (part.partition("=") for part in further)}
    model = models.get(name.strip())
    if model is None or not value or not named.keys() <= {*model.more}:
        raise BadModel(option, text, tuple(known.example for known in models.values()))
    return model.make(value, **named)


def _volatility(target: str, window: str = "20", cap: str = "1") -> VolatilityTarget:
    return VolatilityTarget.of(target, _whole(window), cap)


def _kelly(
    fraction: str, *, cap: str = "1", least: str = "20", start: str = "0.1"
) -> KellyFraction:
    return KellyFraction.of(fraction, cap=cap, least=_whole(least), start=start)


def _ticks(ticks: str, ratio: str = "0") -> Slippage:
    return Slippage.of(ticks=ticks, ratio=ratio)


def _ratio(ratio: str, ticks: str = "0") -> Slippage:
    return Slippage.of(ticks=ticks, ratio=ratio)


def _volume_share(impact: str, ticks: str = "0", ratio: str = "0") -> VolumeShareSlippage:
    return VolumeShareSlippage(impact=exact(impact), base=_ticks(ticks, ratio))


def _square_root(
    coefficient: str, *, window: str = "20", ticks: str = "0", ratio: str = "0"
) -> SquareRootImpact:
    return SquareRootImpact(
        coefficient=exact(coefficient), window=_whole(window), base=_ticks(ticks, ratio)
    )


def _whole(text: str) -> int:
    number = exact(text)
    if number != int(number):
        raise NotANumber(text)
    return int(number)


_SIZINGS: Mapping[str, _Written[AnySizing]] = {
    "size": _Written(FixedSize.of, "size:1"),
    "weight": _Written(EquityShare.of, "weight:0.95"),
    "risk": _Written(RiskPerTrade.of, "risk:0.01"),
    "volatility": _Written(_volatility, "volatility:0.15,window=20,cap=1", ("window", "cap")),
    "kelly": _Written(_kelly, "kelly:0.5,cap=1,least=20,start=0.1", ("cap", "least", "start")),
}
_SLIPPAGES: Mapping[str, _Written[AnySlippage]] = {
    "ticks": _Written(_ticks, "ticks:1", ("ratio",)),
    "ratio": _Written(_ratio, "ratio:0.0001", ("ticks",)),
    "volume-share": _Written(_volume_share, "volume-share:0.1,ticks=1", ("ticks", "ratio")),
    "square-root": _Written(
        _square_root, "square-root:1,window=20,ticks=1", ("window", "ticks", "ratio")
    ),
}


def read_audit_setting(text: str) -> Any:
    """Read `--audit auto`, `full`, `off` or a number of seconds; `backtest` refuses all else."""
    if text == "off":
        return False
    try:
        return float(text)
    except ValueError:
        return text
