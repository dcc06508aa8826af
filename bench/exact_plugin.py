"""A pytest plugin for bench/record.py: keeps what a run measured, to the microsecond."""

import os
from pathlib import Path

import pytest
import recording

OUTPUT = "MARKERSTEAL_RECORDING"
"""The environment variable with the path to write to."""


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """On the controller, where the run is known as a whole."""
    controller = config.pluginmanager.getplugin("markersteal-controller")
    run = controller.finished() if controller else None
    if run is not None:
        measured = run.measured
        recording.save(
            Path(os.environ[OUTPUT]), recording.Recording(measured.tests, measured.fixtures_s)
        )
