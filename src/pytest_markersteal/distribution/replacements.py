"""Replacing workers that crashed, also where their host can't be reached any more."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from xdist.workermanage import parse_tx_spec_config

from pytest_markersteal.distribution.connection import host_of, name_of
from pytest_markersteal.distribution.hosts import REPLACEMENT_LIMIT_S, Hosts

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

    from pytest_markersteal.distribution.link import Link


_RESTARTS_PER_WORKER = 4
"""As xdist has it with ``-n``."""


def limit_restarts(config: pytest.Config) -> None:
    """Have replacements come to an end with ``--tx`` too, where xdist makes them without limit.

    A host on which every worker dies would keep the run going for ever.
    """
    if config.option.maxworkerrestart is None and not config.option.numprocesses:
        workers = len(parse_tx_spec_config(config))
        config.option.maxworkerrestart = str(_RESTARTS_PER_WORKER * workers)


class Replacements:
    """Starts them the way of xdist, for which a host that is gone is an internal error."""

    def __init__(
        self, dsession: Any, hosts: Hosts, links: dict[Any, Link], is_over: Callable[[], bool]
    ) -> None:
        """Stand in for xdist's session in that; no worker is replaced once the run ``is_over``."""
        self._dsession = dsession
        self._hosts = hosts
        self._links = links
        self._is_over = is_over
        self._gone: dict[str, str] = {}
        """Hosts on which one could not be started, and why."""
        self._start = dsession._clone_node
        # Private, but any public way ends with xdist calling it.
        dsession._clone_node = self.replace
        hosts.limit_start(REPLACEMENT_LIMIT_S)

    def replace(self, node: WorkerController) -> None:
        """Start another worker in the place of ``node``, or tell why there is none."""
        if self._is_over():
            return
        # Starting it changes the spec.
        told = f"{node.gateway.id} on {name_of(node.gateway.spec)} is not replaced"
        host = host_of(node.gateway.spec)
        if host is not None and host in self._gone:
            self._dsession.report_line(f"{told}: {self._gone[host]}")
            return
        linked = set(self._links)
        try:
            self._start(node)
        except Exception as error:  # Whatever execnet, or a plugin's hook, makes of it.
            why = str(self._hosts.failure(error))
            if host is not None:
                self._gone[host] = why
            for half in self._links.keys() - linked:
                del self._links[half]
            self._dsession.report_line(f"{told}: {why}")
