"""What pytest reports of a run, on paper and otherwise, is what it reports with worksteal."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

EVERY_OUTCOME = """
    import pytest, unittest, warnings

    def test_passes(record_property):
        record_property("colour", "red")
        print("this is printed")

    def test_fails():
        assert 1 + 1 == 3

    @pytest.mark.skip(reason="not today")
    def test_skipped(): pass

    @pytest.mark.xfail
    def test_expected_to_fail(): assert False

    @pytest.mark.xfail
    def test_unexpectedly_passes(): pass

    def test_warns():
        warnings.warn("careful", UserWarning)

    @pytest.fixture
    def broken_before():
        raise RuntimeError("set up")

    @pytest.fixture
    def broken_after():
        yield
        raise RuntimeError("torn down")

    @pytest.mark.shared_resource("db")
    def test_error_before(broken_before): pass

    @pytest.mark.serial
    def test_error_after(broken_after): pass

    class Case(unittest.TestCase):
        @unittest.expectedFailure
        def test_expected(self):
            self.fail()

        def test_parts(self):
            for number in range(3):
                with self.subTest(number=number):
                    self.assertNotEqual(number, 1)
"""


def test_every_outcome(pytester, run_pytest):
    """Outcomes, the JUnit report and the exit status are those of worksteal."""
    pytester.makepyfile(test_it=EVERY_OUTCOME)

    def told(dist):
        result = run_pytest("-n2", f"--dist={dist}", f"--junitxml={dist}.xml", "-rA")
        cases = [
            (
                case.get("classname"),
                case.get("name"),
                sorted(part.tag for part in case),
                [prop.get("value") for prop in case.iter("property")],
            )
            for case in ElementTree.parse(pytester.path / f"{dist}.xml").iter("testcase")
        ]
        return result.ret, result.parseoutcomes(), sorted(cases)

    ours = told("markersteal")
    assert ours == told("worksteal")
    assert ours[0] == pytest.ExitCode.TESTS_FAILED
    assert ours[1]["warnings"] == 1


def test_options_that_run_nothing(pytester, run_pytest):
    """With the choice in the ini file, --markers, --fixtures and --version work as ever."""
    pytester.makeini("[pytest]\naddopts = -n2 --dist=markersteal")
    pytester.makepyfile("def test(): pass")
    result = run_pytest("--markers")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(
        ["@pytest.mark.serial: *", "@pytest.mark.no_parallel: *", "@pytest.mark.shared_resource(*"]
    )
    result = run_pytest("--fixtures")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines_random(["worker_slot *", "resource *"])
    assert run_pytest("--version").ret == pytest.ExitCode.OK


def test_the_choice_without_workers(pytester, run_markersteal):
    """Without -n and --tx, the run is one in process, with nothing to report of workers."""
    pytester.makepyfile("import pytest\n@pytest.mark.serial\ndef test(): pass")
    result = run_markersteal(n=None)
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("created: *")
    assert not (pytester.path / ".markersteal").exists()


def test_a_test_that_exits(pytester, run_markersteal, witness):
    """pytest.exit in a test ends the run early, and says so."""
    pytester.makepyfile(
        """
        import pytest, witness

        @pytest.mark.parametrize("number", range(100))
        def test_number(number):
            witness.tell(str(number))
            witness.linger()
            if number == 2:
                pytest.exit("enough is enough")
        """
    )
    result = run_markersteal()
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert len(witness.names()) < 50
    result.stdout.fnmatch_lines(["not run: *"])
