"""Replacing workers that crashed, also where their host can't be reached any more."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pytest_markersteal.distribution.gateways import REPLACEMENT_LIMIT_S, Gateways
from pytest_markersteal.distribution.tx import machine_of, named
from pytest_markersteal.durations.machines import HERE

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

    from pytest_markersteal.distribution.link import Link


class Replacements:
    """Starts them the way of xdist, for which a host that is gone is an internal error."""

    def __init__(
        self, dsession: Any, gateways: Gateways, links: dict[Any, Link], is_over: Callable[[], bool]
    ) -> None:
        """Stand in for xdist's session in that; no worker is replaced once the run ``is_over``.

        Where restarts are used up, xdist dismisses those that are still starting or collecting:
        with this in its stead, they join.
        """
        self._dsession = dsession
        self._gateways = gateways
        self._links = links
        self._is_over = is_over
        self._gone: dict[str, str] = {}
        """Hosts on which one could not be started, and why."""
        self._start = dsession._clone_node
        self._shut_down = dsession.triggershutdown
        # Private, but any public way ends with xdist calling it.
        dsession._clone_node = self.replace
        # Not of its protocol, but it has no other way to leave the rest to those that are there.
        dsession.triggershutdown = self.shut_down
        gateways.limit_start(REPLACEMENT_LIMIT_S)

    def replace(self, node: WorkerController) -> None:
        """Start another worker in the place of ``node``, or tell why there is none."""
        # Starting it changes the spec.
        told = f"{named(node.gateway)} is not replaced"
        if self._is_over():
            self._dsession.report_line(f"{told}: no further test is to start")
            return
        host = machine_of(node.gateway.spec)
        if host in self._gone:
            self._dsession.report_line(f"{told}: {self._gone[host]}")
            return
        linked = set(self._links)
        try:
            self._start(node)
        except Exception as error:  # Whatever execnet, or a plugin's hook, makes of it.
            why = self._gateways.failure(error).why
            if host != HERE:
                self._gone[host] = why
            for half in self._links.keys() - linked:
                del self._links[half]
            self._dsession.report_line(f"{told}: {why}")

    def shut_down(self) -> None:
        """End the run, unless xdist only replaces no more, and workers are left to do the rest."""
        if self._dsession.shouldstop or self._dsession.sched.tests_finished:
            self._shut_down()
