"""What both READMEs tell a reader to run, and the tool that runs it."""

from pathlib import Path

from tools.check_readme import (
    READMES,
    Block,
    compare,
    make_block,
    missing_targets,
    read_blocks,
    run_block,
)

from tests.house.checkout import ROOT


def test_both_readmes_have_the_same_commands() -> None:
    english, chinese = (read_blocks(ROOT / name) for name in READMES)

    assert compare(english, chinese) == []


def test_the_readme_names_only_make_targets_that_exist() -> None:
    assert missing_targets(read_blocks(ROOT / "README.md")) == []


def test_the_readme_begins_with_run_and_test() -> None:
    lines = [line for block in read_blocks(ROOT / "README.md") for line in block.code.splitlines()]

    assert [line for line in lines if line.startswith("make ")][:2] == ["make run", "make test"]


def test_prompts_output_and_comments_are_no_commands() -> None:
    block = make_block("console", "$ quantloom demo  # a tour\nequity 1\n$ ls\n")

    assert block == Block("sh", "quantloom demo\nls")


def test_comments_may_differ_between_languages_but_code_may_not() -> None:
    english, chinese, other = (make_block("python", text) for text in ("x=1 # one", "x = 1", "x=2"))

    assert compare([english], [chinese]) == []
    assert compare([english], [other]) == ["the commands differ: 'x = 1' and 'x = 2'"]
    assert compare([english], []) != []


def test_a_failing_line_fails_its_block(tmp_path: Path) -> None:
    block = Block("sh", "make test\nfalse\ntrue")

    assert run_block(block, tmp_path, tmp_path) == ["exit code 1: 'make test\\nfalse\\ntrue'"]


def test_what_installs_is_not_run(tmp_path: Path) -> None:
    block = Block("sh", "git clone nowhere\ncd quantloom\npip install quantloom\nmake nothing")

    assert run_block(block, tmp_path, tmp_path) == []
    assert missing_targets([block]) == ["make nothing is no target"]


def test_a_python_block_runs_where_it_may_write(tmp_path: Path) -> None:
    run_block(make_block("python", "open('made', 'w').close()"), tmp_path, tmp_path)

    assert (tmp_path / "made").exists()
