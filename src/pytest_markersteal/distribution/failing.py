"""What the controller does about hosts that can't be reached, or are lost in mid-run."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

import execnet
import pytest
from xdist import workermanage

from pytest_markersteal.distribution.errands import event_of
from pytest_markersteal.distribution.gateways import Gateways, StartError
from pytest_markersteal.distribution.link import Link, worker_name
from pytest_markersteal.distribution.replacements import Replacements
from pytest_markersteal.options import host_timeout_s

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController


class FailingHosts:
    """Registered beside the controller's plugin."""

    def __init__(
        self, config: pytest.Config, links: dict[Any, Link], is_over: Callable[[], bool]
    ) -> None:
        """``links``: by node, one for each worker; ``is_over``: whether all tests are done."""
        self._config = config
        self._links = links
        self._is_over = is_over
        self._gateways: Gateways | None = None

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionstart(self) -> Generator[None, object, object]:
        """Have xdist start its workers by way of ``Gateways``; ``UsageError`` if one can't be."""
        dsession = self._config.pluginmanager.getplugin("dsession")

        def make_gateways(execmodel: str) -> Gateways:
            self._gateways = Gateways(
                execmodel,
                host_timeout_s(self._config),
                lambda why: dsession.queue.put(
                    event_of(lambda _: dsession.report_line(f"\n{why}: given up"))
                ),
            )
            return self._gateways

        with pytest.MonkeyPatch.context() as patch:
            # xdist takes no group from others, and starts proxies as soon as it has made its own.
            # Other plugins, whose hooks are called meanwhile, may make theirs as ever.
            patch.setattr(workermanage, "execnet", _Execnet(make_gateways))
            try:
                result = yield
            except (StartError, OSError, EOFError) as error:
                if self._gateways is None:
                    raise
                raise pytest.UsageError(str(self._gateways.failure(error))) from error
        if self._gateways is not None:
            Replacements(dsession, self._gateways, self._links, self._is_over)
        return result

    @pytest.hookimpl
    def pytest_configure_node(self, node: WorkerController) -> None:
        """Have a worker end, and say no more, where it can't be understood.

        xdist gives it up when an event can't be read, and others get its tests; but it would live,
        and run and report what it has.
        """
        tell = node.putevent
        is_given_up = False

        def tell_to_the_end(event: tuple[str, dict[str, Any]]) -> None:
            nonlocal is_given_up
            if is_given_up:
                return
            name, arguments = event
            error = arguments.get("error") if name == "errordown" else None
            # The end of a connection is told by a text, or by what the worker raised.
            if isinstance(error, pytest.ExceptionInfo):
                is_given_up = True
                assert self._gateways is not None
                self._gateways.give_up(
                    node.gateway, f"what it sent can't be read: {error.exconly()}"
                )
            tell(event)

        node.putevent = tell_to_the_end

    @pytest.hookimpl
    def pytest_handlecrashitem(self, report: pytest.TestReport) -> None:
        """Tell why the worker counts as crashed, if more is known than that it is gone."""
        # Not by its truth, which is whether there is any gateway left.
        assert self._gateways is not None
        why = self._gateways.given_up.get(worker_name(report.node))
        if why is not None:
            report.longrepr = f"{report.longrepr}: {why}"


class _Execnet:
    """execnet, with another way to make a group."""

    def __init__(self, make_group: Callable[[str], execnet.Group]) -> None:
        self.Group = make_group

    def __getattr__(self, name: str) -> Any:
        return getattr(execnet, name)
