"""The gateways to the hosts of workers: started within bounds, watched, and given up when silent.

xdist notices a worker's end by that of its connection, which may never come: a process can be
stopped, a machine frozen, a network cut. So each gateway is asked now and then for its status,
which execnet's receiver thread answers over there, whatever the tests do, unless C code holds the
interpreter's lock. One that gives no answer for too long is cut off, and with that xdist hears of
the end in its own way.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future

import execnet

from pytest_markersteal.distribution.connection import cut, is_debugged, make_steady
from pytest_markersteal.distribution.silence import Silence
from pytest_markersteal.distribution.tx import described, named

REPLACEMENT_LIMIT_S = 30.0
"""How long the start of a replacement may take: meanwhile nobody is given tests."""


class StartError(Exception):
    """A gateway can't be started, and ``why``."""

    def __init__(self, spec: execnet.XSpec, why: str) -> None:
        super().__init__(f"{spec.id} ({described(spec)}) can't start: {why}")
        self.why = why


class Gateways(execnet.Group):
    """The gateways of one session, in place of the group that xdist would make."""

    def __init__(self, execmodel: str, limit_s: float | None, tell: Callable[[str], None]) -> None:
        """``limit_s`` seconds of silence are too long; None for no limit.

        ``tell`` is called, from a thread, with the reason for each that was silent for too long,
        be it a worker or a proxy of workers.
        """
        super().__init__(execmodel=execmodel)
        self._start_limit_s = limit_s
        self.given_up: dict[str, str] = {}
        """Why, by name."""
        self._limit_s = limit_s
        self._tell = tell
        self._starting: execnet.XSpec | None = None
        self._over = threading.Event()
        self._watched: dict[str, execnet.Gateway] = {}
        self._silence: Silence | None = None
        if limit_s is not None:
            self._silence = Silence(limit_s, time.monotonic())
            threading.Thread(target=self._listen, args=(self._silence,), daemon=True).start()

    # The main thread

    def makegateway(self, spec: execnet.XSpec | str | None = None) -> execnet.Gateway:
        """Start a gateway and watch it; ``StartError`` if it can't be, or does not answer."""
        if not isinstance(spec, execnet.XSpec):
            spec = execnet.XSpec(spec or self.defaultspec)
        self.allocate_id(spec)
        self._starting = spec
        made: Future[execnet.Gateway] = Future()
        threading.Thread(target=self._make, args=(spec, made), daemon=True).start()
        try:
            gateway = made.result(self._start_limit_s)
        except Exception as error:
            if made.done():
                raise self._cant_start(spec, _told(error)) from error
            late = self._cant_start(spec, f"no answer for {self._start_limit_s:g} s")
            made.add_done_callback(self._discard)
            if str(spec.id) in self:
                self._start_cut(self[str(spec.id)])
            raise late from None
        make_steady(gateway)
        if self._silence is not None:
            self._watched[gateway.id] = gateway
            self._silence.heard(gateway.id)
            arguments = (gateway, self._silence)
            threading.Thread(target=self._ask, args=arguments, daemon=True).start()
        return gateway

    def limit_start(self, limit_s: float) -> None:
        """From now on, a gateway must have started after ``limit_s`` seconds."""
        self._start_limit_s = min(limit_s, self._limit_s or limit_s)

    def failure(self, error: Exception) -> StartError:
        """What to tell of an ``error`` in the start of the latest gateway, or soon after."""
        if isinstance(error, StartError):
            return error
        assert self._starting is not None
        return self._cant_start(self._starting, _told(error))

    def terminate(self, timeout: float | None = None) -> None:
        """As ever, but without asking proxies that are gone."""
        for gateway in self:
            if gateway.spec.via and not gateway.hasreceiver():
                self._gateways.remove(gateway)
        try:
            super().terminate(timeout)
        except (OSError, EOFError):
            # A proxy was lost just now, which its gateways can't tell themselves.
            self._gateways_to_join.clear()
            super().terminate(timeout)
        finally:
            self._over.set()

    def _cant_start(self, spec: execnet.XSpec, why: str) -> StartError:
        if spec.via and not (spec.via in self and self[spec.via].hasreceiver()):
            why = f"its proxy {spec.via} is not there"
        return StartError(spec, self.given_up.get(str(spec.id), why))

    # Other threads

    def give_up(self, gateway: execnet.Gateway, why: str) -> None:
        """Cut the connection of a worker that lives; nothing is waited for."""
        self.given_up[gateway.id] = why
        self._start_cut(gateway)

    def _make(self, spec: execnet.XSpec, made: Future[execnet.Gateway]) -> None:
        try:
            made.set_result(super().makegateway(spec))
        except BaseException as error:
            made.set_exception(error)

    def _discard(self, made: Future[execnet.Gateway]) -> None:
        """Nobody waits any more for what was ``made`` at last."""
        if made.exception() is None:
            self._cut(made.result())

    def _ask(self, gateway: execnet.Gateway, silence: Silence) -> None:
        """Have ``gateway`` give signs until its connection ends."""
        while not self._over.wait(silence.pause_s):
            try:
                gateway.remote_status()
            except (OSError, EOFError):
                break
            silence.heard(gateway.id)
        silence.forget(gateway.id)

    def _listen(self, silence: Silence) -> None:
        while not self._over.wait(silence.pause_s):
            for name in silence.look(time.monotonic()):
                gateway = self._watched[name]
                if is_debugged(gateway):
                    silence.heard(name)
                    continue
                why = f"no sign of {named(gateway)} for {self._limit_s:g} s"
                self._tell(why)
                self.give_up(gateway, why)

    def _start_cut(self, gateway: execnet.Gateway) -> None:
        threading.Thread(target=self._cut, args=(gateway,), daemon=True).start()

    def _cut(self, gateway: execnet.Gateway) -> None:
        # Out of the group, or the end of the session would wait for it.
        with contextlib.suppress(ValueError):
            self._gateways.remove(gateway)
        cut(gateway)


def _told(error: Exception) -> str:
    if isinstance(error, EOFError) or (isinstance(error, OSError) and error.errno is None):
        return f"what was started there ended at once ({error})"
    if isinstance(error, AssertionError):
        # All that execnet has to say of a first byte that is not its own, or is missing behind a
        # proxy.
        return (
            "what was started there ended at once, or wrote something before execnet's worker did"
        )
    return f"{type(error).__name__}: {error}"
