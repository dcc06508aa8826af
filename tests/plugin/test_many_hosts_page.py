"""The command lines in docs/many-hosts.md."""

from __future__ import annotations

import shutil
import subprocess
from types import SimpleNamespace

import execnet
import pytest
from doc_pages import blocks
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
