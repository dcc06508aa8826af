"""Checks what a crash isolated, beside the controller's loop, and tells what came of it."""

from __future__ import annotations

import enum
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from pytest_markersteal.core.quarantine import Instance
from pytest_markersteal.distribution.tracing import Tracing
from pytest_markersteal.options import check_deadline_s, resources
from pytest_markersteal.resources import Resource

HOOK = "pytest_markersteal_check_resource"


class Finding(enum.Enum):
    """What is known of an isolated instance."""

    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    FAILED = "failed"
    LATE = "late"
    UNKNOWN = "unknown"

    @property
    def healthy(self) -> bool | None:
        """As the core is told it."""
        return None if self is Finding.UNKNOWN else self is Finding.HEALTHY


@dataclass(frozen=True, slots=True)
class CheckResult:
    """A check is over; ``error`` says what was raised."""

    instance: Instance
    finding: Finding
    error: str = ""


class Checking:
    """The isolated instances of one run."""

    def __init__(
        self, config: pytest.Config, tracing: Tracing, tell: Callable[[CheckResult], None]
    ) -> None:
        """``tell`` is called from threads of checks, once for each."""
        self._config = config
        self._tracing = tracing
        self._tell = tell
        self._deadline_s = check_deadline_s(config)
        self._resources = resources(config)
        self._crashes: dict[Instance, str] = {}
        """What happened to each instance that is isolated."""
        self._results: dict[Instance, CheckResult] = {}
        self.checks = bool(getattr(config.hook, HOOK).get_hookimpls())
        """Whether there is a check at all."""

    def look(self, isolated: frozenset[Instance], crash: str) -> None:
        """After ``crash`` these are ``isolated``; have those checked that are new, if possible."""
        for instance in sorted(isolated - self._crashes.keys()):
            self._crashes[instance] = crash
            self._results.pop(instance, None)
            self._tracing.isolation(instance, isolated=True, finding=None)
            if self.checks:
                threading.Thread(target=self._check_in_time, args=(instance,), daemon=True).start()

    def checked(self, result: CheckResult, *, is_back: bool) -> None:
        """The core has taken in the ``result`` of a check."""
        self._results[result.instance] = result
        finding = result.finding.value
        self._tracing.isolation(result.instance, isolated=not is_back, finding=finding)
        if is_back:
            del self._crashes[result.instance]

    def lines(self) -> list[str]:
        """Which instances are still isolated, since when and why, but for those being checked."""
        return [
            f"{self._named(instance)} was kept from tests since {crash}: {self._why(instance)}"
            for instance, crash in self._crashes.items()
            if not self.checks or instance in self._results
        ]

    def why_not_run(self, given_up: Mapping[int, str]) -> list[str]:
        """Why tests were given up, by the key of which they need more than is left."""
        return [
            f"{tests:,} needed more of {key!r} than was healthy"
            for key, tests in Counter(given_up.values()).items()
        ]

    def _named(self, instance: Instance) -> str:
        resource = self._resources.get(instance.key, Resource(1))
        if resource.capacity == 1 and not resource.names:
            return repr(instance.key)
        name = resource.name(instance.number)
        return f"{instance.key!r} {instance.number if name is None else repr(name)}"

    def _why(self, instance: Instance) -> str:
        result = self._results.get(instance, CheckResult(instance, Finding.UNKNOWN))
        match result.finding:
            case Finding.UNHEALTHY:
                return f"{HOOK} found it unhealthy"
            case Finding.FAILED:
                return f"{HOOK} raised {result.error}"
            case Finding.LATE:
                return f"{HOOK} did not end within {self._deadline_s:g} s"
            case _:
                return f"no {HOOK} knows how it is"

    # In threads

    def _check_in_time(self, instance: Instance) -> None:
        """Check, and tell the first of two things: what was found, or that it took too long."""
        found: list[CheckResult] = []
        checking = threading.Thread(target=lambda: found.append(self._check(instance)), daemon=True)
        checking.start()
        checking.join(self._deadline_s)
        self._tell(found[0] if found else CheckResult(instance, Finding.LATE))

    def _check(self, instance: Instance) -> CheckResult:
        key, number, host = instance
        name = self._resources.get(key, Resource(1)).name(number)
        try:
            healthy = getattr(self._config.hook, HOOK)(
                config=self._config, key=key, instance=number, name=name, host=host
            )
        except BaseException as error:  # pytest.fail() is none of the ordinary ones.
            return CheckResult(instance, Finding.FAILED, f"{type(error).__name__}: {error}")
        if healthy is None:
            return CheckResult(instance, Finding.UNKNOWN)
        return CheckResult(instance, Finding.HEALTHY if healthy else Finding.UNHEALTHY)
