"""What keys per host promise, with real workers that are told their hosts."""

from __future__ import annotations

import pytest

from pytest_markersteal.trace import folder, reader

WORKERS = ("--tx=2*popen//env:MARKERSTEAL_HOST=a", "--tx=2*popen//env:MARKERSTEAL_HOST=b")
DIST = "--dist=markersteal"

SUITE = """
    import os, pytest, witness

    HOST = os.environ.get("MARKERSTEAL_HOST", "")

    @pytest.mark.shared_resource("port", scope="host")
    @pytest.mark.parametrize("number", range(8))
    def test_port(number, resource):
        assert resource("port").name == "p8001"
        with witness.span("port", host=HOST):
            if HOST and witness.first_time(HOST):
                witness.meet("both hosts", 2)

    @pytest.mark.shared_resource("db")
    @pytest.mark.parametrize("number", range(8))
    def test_db(number):
        with witness.span("db", host=HOST):
            pass
"""


def conflict(one, other):
    """Whether two spans must not overlap: of one key, and on one host if it is the port."""
    return one.name == other.name and (one.name == "db" or one.facts["host"] == other.facts["host"])


@pytest.fixture
def suite(pytester, witness):
    """Tests of a key per host, and of a key of the session."""
    pytester.makeini("[pytest]\nmarkersteal_resources = port = p8001")
    pytester.makepyfile(SUITE)


def test_hosts_use_the_key_at_the_same_time(pytester, run_pytest, witness, suite):
    """On each host one test after another; a key of the session is used once in all."""
    run_pytest(*WORKERS, DIST).assert_outcomes(passed=16)
    assert len(witness.spans()) == 16
    assert witness.overlaps(conflict) == []
    assert {span.facts["host"] for span in witness.spans() if span.name == "port"} == {"a", "b"}
    trace = folder.traces(pytester.path)[-1]
    assert reader.read(trace).hosts == ["a", "b"]
    result = run_pytest(f"--markersteal-replay={trace}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*can't be replayed on one host: *used key 'port' at the same *"])


def test_workers_of_one_machine_are_on_one_host(pytester, run_pytest, witness, suite):
    """However many specs they come from, if nobody tells otherwise."""
    run_pytest("--tx=popen", "--tx=2*popen", DIST).assert_outcomes(passed=16)
    assert witness.overlaps(conflict) == []
    (host,) = reader.read(folder.traces(pytester.path)[-1]).hosts
    assert host


def test_a_key_is_per_host_or_not(pytester, run_markersteal, witness):
    """Tests that disagree are a usage error, which names one of either kind."""
    pytester.makepyfile(
        test_a="""
        import pytest, witness

        @pytest.mark.shared_resource("port", scope="host")
        def test_here(): witness.tell("ran")
        """,
        test_b="""
        import pytest, witness

        @pytest.mark.shared_resource("port")
        def test_everywhere(): witness.tell("ran")
        """,
    )
    result = run_markersteal()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [
            "*test_a.py:3: test_a.py::test_here: key 'port' is claimed with scope='host' here, "
            "and without at test_b.py:3: test_b.py::test_everywhere; write *"
        ]
    )
    assert witness.names() == []


def test_the_map_has_keys_per_host(pytester, run_pytest, witness):
    """As marks in the source."""
    pytester.makepyfile(
        """
        import os, witness

        def test_one(): witness.meet("both hosts", 2)
        def test_two(): witness.meet("both hosts", 2)
        """
    )
    (pytester.path / "markersteal.toml").write_text(
        'version = 1\n[marks]\n"*::test_*" = { shared_resource = ["port"], scope = "host" }\n'
    )
    run_pytest(*WORKERS, DIST).assert_outcomes(passed=2)


@pytest.mark.parametrize("finding", [True, False])
def test_a_crash_is_checked_with_its_host(pytester, run_pytest, witness, finding):
    """What a worker leaves behind is in doubt on its host only; other hosts go on."""
    pytester.makeconftest(
        f"""
        import witness

        def pytest_markersteal_check_resource(key, instance, host):
            witness.tell("check", key=key, host=host)
            return {finding}
        """
    )
    pytester.makepyfile(
        """
        import os, pytest, witness

        @pytest.mark.shared_resource("port", scope="host")
        @pytest.mark.parametrize("number", range(6))
        def test_port(number, request):
            dies = witness.first_time("crash")
            witness.tell("ran", host=os.environ["MARKERSTEAL_HOST"], dies=dies)
            if dies:
                witness.crash(request)
        """
    )
    run_pytest(*WORKERS, DIST).assert_outcomes(passed=5, failed=1)
    events = witness.events()
    (check,) = [event for event in events if event["name"] == "check"]
    (dead,) = [event for event in events if event.get("dies")]
    assert (check["key"], check["host"]) == ("port", dead["host"])
    if not finding:
        later = {event["host"] for event in events if event["ns"] > check["ns"]}
        assert check["host"] not in later
