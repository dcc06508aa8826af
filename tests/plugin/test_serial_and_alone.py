"""What ``serial``, ``no_parallel`` and ``xdist_group`` promise, with real workers."""

from __future__ import annotations

import pytest

ALONE = """
    import pytest, unittest, witness

    @pytest.fixture(scope="module")
    def of_module():
        with witness.span("fixture of module"):
            yield

    @pytest.fixture(scope="class")
    def of_class(of_module):
        with witness.span("fixture of class"):
            yield

    @pytest.fixture
    def of_function():
        with witness.span("fixture of function"):
            yield

    class TestClass:
        @pytest.mark.no_parallel
        def test_alone(self, of_class, of_function):
            with witness.span("alone"):
                pass

        def test_beside(self, of_class):
            with witness.span("ordinary"):
                pass

    @pytest.mark.no_parallel
    def test_alone_too(of_module):
        with witness.span("alone"):
            pass

    @pytest.mark.no_parallel
    class Case(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            cls.span = witness.span("fixture of case")
            cls.span.__enter__()

        @classmethod
        def tearDownClass(cls):
            cls.span.__exit__(None, None, None)

        def test_method(self):
            with witness.span("alone"):
                pass
"""

ORDINARY = """
    import pytest, witness

    @pytest.fixture(scope="module", autouse=True)
    def of_module():
        with witness.span("ordinary fixture"):
            yield

    @pytest.mark.parametrize("number", range(6))
    def test_ordinary(number):
        with witness.span("ordinary"):
            pass
"""

SERIAL = """
    import pytest, unittest, witness

    @pytest.mark.serial
    @pytest.mark.parametrize("number", range(3))
    def test_function(number):
        with witness.span("serial"):
            pass

    @pytest.mark.serial
    class TestPlain:
        def test_method(self):
            with witness.span("serial"):
                pass

    @pytest.mark.serial
    class Case(unittest.TestCase):
        def test_method(self):
            with witness.span("serial"):
                pass

    class MixedCase(unittest.TestCase):
        @pytest.mark.serial
        def test_serial(self):
            with witness.span("serial"):
                pass

        def test_ordinary(self):
            with witness.span("ordinary"):
                pass
"""

SERIAL_MODULE = """
    import pytest, witness

    pytestmark = [pytest.mark.serial]

    def test_one():
        with witness.span("serial"):
            pass

    @pytest.mark.parametrize("number", [0, 1])
    def test_two(number):
        with witness.span("serial"):
            pass
"""


def of_alone_tests(spans):
    """The spans of no_parallel tests, and those of fixtures that were up meanwhile."""
    alone = [span for span in spans if span.name == "alone"]
    return [span for span in spans if any(span.encloses(test) for test in alone)]


def test_no_parallel_is_alone_with_its_fixtures(pytester, run_markersteal, witness):
    """Nothing runs beside a no_parallel test or its fixtures, up to module scope."""
    pytester.makepyfile(test_1=ORDINARY, test_2=ALONE, test_3=ORDINARY)
    run_markersteal(n=3).assert_outcomes(passed=16)
    spans = witness.spans()
    alone = of_alone_tests(spans)
    fixtures = {f"fixture of {what}" for what in ("module", "class", "case")}
    assert fixtures < {span.name for span in alone}
    assert [(one.name, other.name) for one in alone for other in spans if one.overlaps(other)] == []
    assert len({span.worker for span in alone}) == 1


def test_serial_never_overlaps(pytester, run_markersteal, witness):
    """Serial tests, marked in any way, run on one worker, apart from each other and the alone."""
    pytester.makepyfile(test_1=SERIAL, test_2=ORDINARY, test_3=SERIAL_MODULE, test_4=ALONE)
    run_markersteal(n=3).assert_outcomes(passed=20)
    assert (
        witness.overlaps(
            lambda one, other: one.name == "serial" and other.name in ("serial", "alone")
        )
        == []
    )
    apart = [span for span in witness.spans() if span.name in ("serial", "alone")]
    assert len([span for span in apart if span.name == "serial"]) >= 9
    assert len({span.worker for span in apart}) == 1


def test_dedicated_is_not_reserved(pytester, run_markersteal):
    """When its special tests are done, the dedicated worker takes ordinary tests."""
    pytester.makepyfile(
        """
        import pytest, witness

        @pytest.mark.serial
        def test_serial(): pass

        @pytest.mark.no_parallel
        def test_alone(): pass

        @pytest.mark.parametrize("number", [0, 1])
        def test_ordinary(number):
            witness.meet("both workers", 2)
        """
    )
    run_markersteal(n=2).assert_outcomes(passed=4)


@pytest.fixture(autouse=True)
def use_witness(witness):
    """All inner suites here import it."""


def test_serial_runs_beside_ordinary_tests(pytester, run_markersteal):
    """A serial test keeps only other special tests away."""
    pytester.makepyfile(
        """
        import pytest, witness

        @pytest.mark.serial
        def test_serial():
            witness.meet("side by side", 2)

        def test_ordinary():
            witness.meet("side by side", 2)
        """
    )
    run_markersteal(n=2).assert_outcomes(passed=2)


def test_groups_stay_on_one_worker(pytester, run_markersteal, witness):
    """Tests of an xdist_group share a worker, and their node ids are what they are without it."""
    grouped = """
        import pytest, witness

        @pytest.mark.xdist_group({mark})
        @pytest.mark.parametrize("number", range(3))
        def test_grouped(number):
            with witness.span("{name}"):
                pass

        @pytest.mark.parametrize("number", range(3))
        def test_ordinary(number):
            pass
        """
    pytester.makepyfile(
        test_1=grouped.format(mark='"red"', name="red"),
        test_2=grouped.format(mark='name="red"', name="red"),
        test_3=grouped.format(mark='"blue"', name="blue"),
        test_4=grouped.format(mark="", name="bare"),
    )
    result = run_markersteal("-v", n=3)
    result.assert_outcomes(passed=24)
    spans = witness.spans()
    for group in ("red", "blue", "bare"):
        assert len({span.worker for span in spans if span.name == group}) == 1
    result.stdout.no_fnmatch_line("*@*")
    result.stdout.fnmatch_lines(["*PASSED*test_1.py::test_grouped[[]2] *"])


def test_alone_again_after_a_crash(pytester, run_markersteal, witness):
    """A no_parallel test that is run again after a crash is alone the second time too."""
    pytester.makepyfile(
        test_1="""
        import pytest, witness

        @pytest.mark.no_parallel
        def test_alone(request):
            if witness.first_time("crash"):
                witness.crash(request)
            with witness.span("alone"):
                pass
        """,
        test_2=ORDINARY,
        test_3=ORDINARY,
    )
    result = run_markersteal("--reruns=1", n=3, plugins=["rerunfailures"])
    assert result.ret == pytest.ExitCode.OK
    alone = [span for span in witness.spans() if span.name == "alone"]
    assert len(alone) == 1
    assert [span.name for span in witness.spans() if span.overlaps(alone[0])] == []
