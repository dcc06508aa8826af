"""Tells each process its place, before it imports anything that it tests."""

from __future__ import annotations

import os
import uuid
from collections.abc import Generator, Sequence
from typing import Any

import pytest

from pytest_markersteal import place
from pytest_markersteal.options import ENVIRONMENT, databases
from pytest_markersteal.safety.environment import Changes, expanded


class PlacePlugin:
    """Sets the variables of a place, of ``markersteal_env`` and databases, for one run of pytest.

    The controller imports the same conftests as the workers, so while it does it has the variables
    of slot 0; from when it starts workers they are what they were, as workers inherit them.
    """

    def __init__(self) -> None:
        self._place = Changes(os.environ)
        self._templates = Changes(os.environ)

    # As a wrapper, because other plugins import an application's settings in a tryfirst hook.
    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_load_initial_conftests(
        self, early_config: pytest.Config
    ) -> Generator[None, object, object]:
        """Set the variables."""
        early_config.stash[PLACE] = self
        early_config.add_cleanup(self._place.undo)
        early_config.add_cleanup(self._templates.undo)
        worker = self._take_place(early_config)
        words = {"slot": str(place.worker_slot()), "worker": worker, "run": place.run_id()}
        lines = early_config.getini(ENVIRONMENT)
        self._templates.make(expanded(lines, words, os.environ))
        variables = databases(early_config)
        if variables:
            self._name_databases(early_config, variables)
        return (yield)

    def _name_databases(self, config: pytest.Config, variables: Sequence[str]) -> None:
        """Let URLs lead to the databases of this slot, from wherever a line before let them."""
        from pytest_markersteal.safety.databases.urls import URLS, parse_all, slot_urls

        urls = slot_urls(parse_all(variables, os.environ))
        config.stash[URLS] = urls
        self._templates.make({variable: str(url) for variable, url in urls.items()})

    def _take_place(self, config: pytest.Config) -> str:
        """Set the variables of the place; the name of the worker, as in xdist's ``worker_id``."""
        if os.environ.pop(place.STARTING_VARIABLE, None):
            self._place.make({place.RUN_VARIABLE: os.environ["PYTEST_XDIST_TESTRUNUID"]})
            return os.environ["PYTEST_XDIST_WORKER"]
        # Variables that are there already are those of a worker in whose test this pytest runs.
        asked = config.known_args_namespace
        slot, run = asked.slot or 0, getattr(asked, "testrunuid", None)
        self._place.make(
            {place.SLOT_VARIABLE: str(slot), place.RUN_VARIABLE: run or uuid.uuid4().hex}
        )
        self.tell_slots(slot + 1)  # At least.
        return "master"

    def tell_slots(self, count: int) -> None:
        """Say how many slots the run has, as soon as that is known."""
        self._place.make({place.COUNT_VARIABLE: str(count)})

    @pytest.hookimpl(tryfirst=True)
    def pytest_cmdline_main(self, config: pytest.Config) -> None:
        """Let xdist call the run what it is called here."""
        if hasattr(config.option, "testrunuid"):
            config.option.testrunuid = place.run_id()

    @pytest.hookimpl(trylast=True, optionalhook=True)
    def pytest_xdist_setupnodes(self, specs: Sequence[Any]) -> None:
        """Give each worker its place, and an environment of which none has been taken."""
        from pytest_markersteal.distribution.slots import number_slots

        number_slots(specs)
        self._templates.undo()
        self.tell_slots(len(specs))


PLACE = pytest.StashKey[PlacePlugin]()
"""What tells this process its place."""
