"""Both corpora against the sandbox: every file says what must become of it."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from quantloom.sandbox import Layer, Profile, Sandbox
from tests.library.sandbox.attacking import (
    GIVEN,
    MARKER,
    OWN,
    PATIENT,
    WHOLE,
    Attack,
    is_held,
    make_sandbox,
    read_corpus,
    run_all,
)
from tests.library.sandbox.other_user import run_as_user
from tests.shared_data import needs_shared

ATTACKS = [*read_corpus(OWN), *read_corpus(GIVEN)]
SAMPLE = random.Random(8).sample(ATTACKS, 12)
QUICK_AS_USER = [one for one in SAMPLE if one.expected == "blocked"]
# Landlock does not guard what is told about a file; nobody reads what is in it.
TOLD_IN_NORMAL = {"sandbox-attacks/stat_leak"}
UNTRACED = pytest.mark.untraced


def escapes(attacks: list[Attack], sandbox: Sandbox, prey: dict[str, Any]) -> list[str]:
    """Attacks that did not end as they should; in the normal profile but for what is known."""
    known = TOLD_IN_NORMAL if sandbox.layers.profile is Profile.NORMAL else set()
    return [
        f"{attack.name}: {found}, not {attack.expected} ({why})"
        for attack, found, why in run_all(attacks, sandbox, prey)
        if not is_held(attack.expected, found) and (attack.name not in known or MARKER in why)
    ]


def test_there_are_at_least_forty_attacks_of_our_own() -> None:
    assert len(read_corpus(OWN)) >= 40


@needs_shared
def test_the_given_corpus_is_read() -> None:
    assert len(read_corpus(GIVEN)) >= 40


@UNTRACED
def test_nothing_escapes_the_strict_profile(prey: dict[str, Any]) -> None:
    with make_sandbox(Profile.STRICT) as sandbox:
        assert escapes(ATTACKS, sandbox, prey) == []


@UNTRACED
def test_no_attack_of_a_sample_escapes_the_normal_profile(prey: dict[str, Any]) -> None:
    with make_sandbox(Profile.NORMAL) as sandbox:
        assert escapes(SAMPLE, sandbox, prey) == []


@UNTRACED
def test_no_attack_of_a_sample_escapes_an_ordinary_user(tmp_path: Path) -> None:
    assert failed_as_user(Profile.STRICT, tmp_path, [one.name for one in QUICK_AS_USER]) == []


@UNTRACED
@pytest.mark.soak
@pytest.mark.parametrize("profile", list(Profile))
def test_nothing_escapes_with_everything_loaded(profile: Profile, prey: dict[str, Any]) -> None:
    with make_sandbox(profile, preload=WHOLE, limits=PATIENT) as sandbox:
        assert escapes(ATTACKS, sandbox, prey) == []


@UNTRACED
@pytest.mark.soak
@pytest.mark.parametrize("profile", list(Profile))
def test_nothing_escapes_an_ordinary_user(profile: Profile, tmp_path: Path) -> None:
    assert failed_as_user(profile, tmp_path, []) == []


@UNTRACED
@pytest.mark.soak
@pytest.mark.parametrize("left_out", [Layer.LANDLOCK, Layer.NAMESPACES, Layer.OOM_SCORE])
def test_nothing_escapes_where_a_layer_is_missing(left_out: Layer, prey: dict[str, Any]) -> None:
    with make_sandbox(Profile.NORMAL, without=(left_out,)) as sandbox:
        assert escapes(ATTACKS, sandbox, prey) == []


@UNTRACED
@pytest.mark.parametrize(
    "name",
    ["fs_read_secret", "fs_read_db", "net_tcp_connect", "abstract_unix", "kill_victim"],
)
def test_landlock_alone_keeps_from_files_network_and_processes(
    name: str, prey: dict[str, Any]
) -> None:
    attacks = [one for one in ATTACKS if one.name == f"sandbox-attacks/{name}"]
    if not attacks:
        pytest.skip(f"no attacks in {GIVEN}; those of our own are run")
    with make_sandbox(Profile.NORMAL, without=(Layer.SECCOMP,)) as sandbox:
        assert escapes(attacks, sandbox, prey) == []


def failed_as_user(profile: Profile, folder: Path, names: list[str]) -> list[str]:
    """Attacks that did not end as they should, run by an ordinary user with every layer."""
    asked = ["-m", "tests.library.sandbox.attacking", "--profile", profile]
    told = json.loads(run_as_user([*asked, *(["--names", *names] if names else [])], folder))
    assert told["user"] != 0
    assert told["layers"]["seccomp"]
    assert told["layers"]["landlock"]
    known = TOLD_IN_NORMAL if profile is Profile.NORMAL else set()
    return [
        f"{row['name']}: {row['found']} ({row['why']})"
        for row in told["rows"]
        if not is_held(row["expected"], row["found"]) and row["name"] not in known
    ]
