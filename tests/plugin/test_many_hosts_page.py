"""docs/many-hosts.md: its command lines, and its tables."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from types import SimpleNamespace

import execnet
import pytest
from alike import check_alike, tables
from doc_pages import ROOT, blocks
from xdist import workermanage

from pytest_markersteal.cli.main import main

PAGE = "docs/many-hosts.md"

if hasattr(workermanage, "parse_tx_spec_config"):
    parse_specs = workermanage.parse_tx_spec_config
else:  # Its name before pytest-xdist 3.7.
    parse_specs = workermanage.parse_spec_config


@pytest.mark.runs_examples("docs/many-hosts.md", "bash")
@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
def test_the_command_lines_name_ten_workers_a_host():
    """As a shell hands them to pytest, and as xdist and execnet read them."""
    hosts = []
    for block in blocks(PAGE, "bash"):
        script = f'pytest() {{ printf "%s\\n" "$@"; }}\n{block}'
        said = subprocess.run(["bash", "-uc", script], capture_output=True, text=True, check=True)
        words = said.stdout.splitlines()
        given = [words[at + 1] for at, word in enumerate(words) if word == "--tx"]
        config = SimpleNamespace(getvalue={"tx": given}.__getitem__)
        specs = [execnet.XSpec(spec) for spec in parse_specs(config)]
        assert all(spec.python.startswith("/") and spec.chdir.startswith("/") for spec in specs)
        hosts.append([spec.ssh for spec in specs])
    two, ten = hosts
    assert two == [f"ci{number}" for number in range(2) for _ in range(10)]
    assert ten == [f"ci{number}" for number in range(10) for _ in range(10)]


@pytest.mark.runs_examples("docs/many-hosts.md", "console")
def test_the_simulation_says_what_it_says(capsys):
    """To the last digit, as the same seed is the same run."""
    (block,) = blocks(PAGE, "console")
    command, _, wanted = block.partition("\n")
    main(command.removeprefix("$ markersteal ").split())
    assert capsys.readouterr().out == wanted


def simulated(*arguments: str) -> str:
    """The table that the script of the page prints."""
    command = [sys.executable, str(ROOT / "bench" / "delays.py"), *arguments]
    printed = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout
    (table,) = tables(printed)
    return table


def on_the_page(first_cell: str) -> str:
    """The table of the page whose head begins so."""
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    (table,) = (table for table in tables(text) if table.startswith(f"| {first_cell} |"))
    return table


def cells(table: str) -> list[list[str]]:
    """The rows of a table, without the line below its head."""
    rows = [re.split(r" *\| *", row.strip("| ")) for row in table.splitlines()]
    return [row for row in rows if row[0].strip("-")]


def column(table: str, head: str) -> str:
    """The names of the rows, and what they have in the column with this ``head``."""
    first, *rows = cells(table)
    return "".join(f"{row[0]} | {row[first.index(head)]}\n" for row in rows)


# All columns of all tables take two minutes of a core.
@pytest.mark.parametrize(("workers", "delay"), [(8, "10 ms"), (100, "100 ms")])
def test_tables_by_delay_have_what_is_simulated(workers: int, delay: str) -> None:
    """A column of two of them."""
    options = ("--workers", str(workers), "--delays-ms", delay.removesuffix(" ms"))
    now = simulated("--tables", "by-delay", *options)
    shown = on_the_page(f"{workers} workers")
    check_alike(column(shown, delay), column(now, delay))


def test_the_table_of_one_far_host_has_what_is_simulated() -> None:
    """Its last row, which is what it is about."""
    now = cells(simulated("--tables", "one-far-host", "--far-ms", "100"))
    shown = cells(on_the_page("one host of ten at"))
    assert shown[0] == now[0]
    check_alike(" | ".join(shown[-1]), " | ".join(now[-1]))


def test_the_table_by_length_is_what_is_simulated() -> None:
    """All of it."""
    check_alike(on_the_page("mean test"), simulated("--tables", "by-length"))
