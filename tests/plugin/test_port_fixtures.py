"""The fixtures ``free_port`` and ``port_manager`` in runs of pytest."""

from __future__ import annotations

import tempfile

import pytest


@pytest.fixture
def own_port(pytester, port_manager, monkeypatch):
    """The only port of the inner run, which has lock files of its own."""
    monkeypatch.setenv("TMPDIR", str(pytester.mkdir("tmp")))
    with port_manager.port() as port:
        pytester.makeini(f"[pytest]\nmarkersteal_ports = {port} - {port}")
        yield port


def test_ports_come_from_the_ini_file(own_port, pytester, run_pytest):
    """And the error where there are no more names the test that has them."""
    pytester.makepyfile(
        f"""
        import os, pytest
        from pytest_markersteal import PortsExhausted

        def test_port(free_port, port_manager, run_id):
            assert free_port == {own_port}
            with pytest.raises(PortsExhausted) as raised, port_manager.port():
                pass
            assert (
                f"  {own_port}: held by pid {{os.getpid()}} (slot 0 of run {{run_id[:8]}}) in "
                "test_ports_come_from_the_ini_file.py::test_port (setup)"
            ) in str(raised.value).splitlines()
        """
    )
    run_pytest().assert_outcomes(passed=1)


def test_a_port_is_given_back_after_its_test(own_port, pytester, run_pytest):
    """Then the next test can have it, once it has rested; a failed test gives it back too."""
    pytester.makepyfile(
        f"""
        import pytest

        def test_fails(free_port):
            assert free_port != {own_port}

        def test_next(free_port):
            assert free_port == {own_port}
        """
    )
    run_pytest().assert_outcomes(passed=1, failed=1)


def test_a_server_of_the_session_has_a_port(pytester, run_markersteal, witness):
    """The manager is of session scope; workers, who serve at the same time, have one each."""
    pytester.makepyfile(
        """
        import http.server, threading, pytest, witness
        from pytest_markersteal import serves, wait_for_port

        @pytest.fixture(scope="session")
        def server(port_manager, worker_slot):
            class Handler(http.server.BaseHTTPRequestHandler):
                def do_GET(self):
                    self.send_response(200)
                    self.end_headers()
                    self.wfile.write(b"slot %d" % worker_slot)

                def log_message(self, *args):
                    pass

            with port_manager.bound_socket(20000) as bound:
                address = bound.getsockname()
                server = http.server.HTTPServer(address, Handler, bind_and_activate=False)
                server.socket.close()
                server.socket = bound
                server.server_activate()
                thread = threading.Thread(target=server.serve_forever)
                thread.start()
                yield address[1]
                server.shutdown()
                thread.join()

        @pytest.mark.parametrize("number", range(2))
        def test_server(number, server, worker_slot):
            witness.tell("port", port=server)
            witness.meet("both serve", 2)
            wait_for_port(server, check=serves("/", b"slot %d" % worker_slot))
        """
    )
    run_markersteal(n=2).assert_outcomes(passed=2)
    ports = [event["port"] for event in witness.events()]
    assert len(set(ports)) == 2


def test_lock_files_are_in_the_folder_for_temporary_files(own_port, pytester, run_pytest):
    """In one of the user's own, so that sessions find each other's."""
    assert tempfile.gettempdir() != str(pytester.path / "tmp")
    pytester.makepyfile("def test_port(free_port): pass")
    run_pytest().assert_outcomes(passed=1)
    files = (pytester.path / "tmp").glob("pytest-markersteal-ports-*/*.lock")
    assert [file.name for file in files] == [f"{own_port}.lock"]
