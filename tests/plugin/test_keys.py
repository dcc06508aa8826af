"""What ``shared_resource`` promises, with real workers."""

from __future__ import annotations


def conflict(one, other):
    """Whether two spans use a key in a way that must not overlap."""
    ours, theirs = one.facts.get("keys", {}), other.facts.get("keys", {})
    return any("write" in (ours[key], theirs[key]) for key in ours.keys() & theirs.keys())


ONE = """
    import pytest, witness

    @pytest.mark.shared_resource("db")
    @pytest.mark.parametrize("number", range(4))
    def test_one_key(number):
        with witness.span("one key", keys={"db": "write"}):
            pass

    @pytest.mark.shared_resource("cache", "db")
    @pytest.mark.parametrize("number", range(2))
    def test_two_keys(number):
        with witness.span("two keys", keys={"db": "write", "cache": "write"}):
            pass

    @pytest.mark.shared_resource("cache")
    def test_other_key():
        with witness.span("other key", keys={"cache": "write"}):
            pass

    @pytest.mark.parametrize(
        "key",
        [
            pytest.param("db", marks=pytest.mark.shared_resource("db")),
            pytest.param("cache", marks=[pytest.mark.shared_resource("cache")]),
            "none",
        ],
    )
    def test_marked_parameters(key):
        with witness.span("parameter", keys={} if key == "none" else {key: "write"}):
            pass
"""

MANY = """
    import pytest, unittest, witness

    pytestmark = pytest.mark.shared_resource("db")

    @pytest.mark.shared_resource("cache")
    class TestClass:
        @pytest.mark.shared_resource("disk")
        def test_all_three(self):
            with witness.span("three", keys={"db": "write", "cache": "write", "disk": "write"}):
                pass

        def test_two(self):
            with witness.span("two", keys={"db": "write", "cache": "write"}):
                pass

    @pytest.mark.shared_resource("disk")
    class Case(unittest.TestCase):
        @pytest.mark.shared_resource("cache")
        def test_three(self):
            with witness.span("case, three", keys={k: "write" for k in ("db", "cache", "disk")}):
                pass

        def test_two(self):
            with witness.span("case, two", keys={"db": "write", "disk": "write"}):
                pass
"""

BARE = """
    import pytest, witness

    @pytest.mark.shared_resource
    def test_bare():
        with witness.span("bare", keys={"shared": "write"}):
            pass

    @pytest.mark.shared_resource()
    def test_called():
        with witness.span("called", keys={"shared": "write"}):
            pass

    @pytest.mark.shared_resource("shared", "disk")
    def test_named():
        with witness.span("named", keys={"shared": "write", "disk": "write"}):
            pass

    @pytest.mark.shared_resource
    @pytest.mark.shared_resource("cache")
    def test_bare_and_other():
        with witness.span("bare and other", keys={"shared": "write", "cache": "write"}):
            pass
"""


def test_no_key_is_used_twice_at_a_time(pytester, run_markersteal, witness):
    """Tests that share a key never overlap, wherever and however often they are marked."""
    pytester.makepyfile(test_1=ONE, test_2=MANY, test_3=BARE, test_4=ONE)
    run_markersteal(n=3).assert_outcomes(passed=28)
    assert len(witness.spans()) == 28
    assert witness.overlaps(conflict) == []


def test_keys_of_their_own_run_side_by_side(pytester, run_markersteal, witness):
    """Tests with different keys overlap."""
    pytester.makepyfile(
        """
        import pytest, witness

        @pytest.mark.shared_resource("db")
        def test_db(): witness.meet("here", 2)

        @pytest.mark.shared_resource("cache")
        def test_cache(): witness.meet("here", 2)
        """
    )
    run_markersteal(n=2).assert_outcomes(passed=2)


def test_readers_meet_and_writers_do_not(pytester, run_markersteal, witness):
    """Readers of a key run at the same time as each other, but not as a writer."""
    pytester.makepyfile(
        """
        import pytest, witness

        @pytest.mark.shared_resource("db", mode="write")
        @pytest.mark.parametrize("number", range(3))
        def test_writer(number):
            with witness.span("writer", keys={"db": "write"}):
                pass

        @pytest.mark.shared_resource("db", mode="read")
        @pytest.mark.parametrize("number", range(3))
        def test_reader(number):
            with witness.span("reader", keys={"db": "read"}):
                witness.meet("readers", 3)

        @pytest.mark.shared_resource("db", mode="read")
        @pytest.mark.shared_resource("db")
        def test_both():
            with witness.span("both", keys={"db": "write"}):
                pass
        """
    )
    run_markersteal(n=3).assert_outcomes(passed=7)
    assert witness.overlaps(conflict) == []


def test_module_fixture_is_gone_before_the_key_moves(pytester, run_markersteal, witness):
    """What a keyed test's module set up is torn down before another worker gets the key."""
    module = """
        import pytest, witness

        @pytest.fixture(scope="module")
        def database():
            with witness.span("fixture of {name}", keys={{"db": "write"}}):
                yield

        @pytest.fixture(scope="class")
        def tables(database):
            with witness.span("fixture of class in {name}", keys={{"db": "write"}}):
                yield

        @pytest.mark.shared_resource({keys})
        class TestKeyed:
            @pytest.mark.parametrize("number", range(2))
            def test_keyed(self, tables, number):
                with witness.span("keyed in {name}", keys={{"db": "write"}}):
                    pass

        @pytest.mark.parametrize("number", range(3))
        def test_ordinary(number):
            witness.linger()
        """
    # Different sets of keys are different chains, which different workers may take.
    suites = {
        f"test_{number}": module.format(name=number, keys=f'"db", "key {number}"')
        for number in range(5)
    }
    pytester.makepyfile(**suites)
    run_markersteal(n=3).assert_outcomes(passed=25)
    assert witness.overlaps(conflict) == []


UNITS = """
    import pytest, witness

    @pytest.mark.shared_resource("db", units=1)
    @pytest.mark.parametrize("number", range(3))
    def test_one(number, resource):
        held = resource("db")
        assert held.instance in range(3) and held.instances == (held.instance,)
        with witness.span("one", instances=held.instances):
            pass

    @pytest.mark.shared_resource("db", units=2)
    @pytest.mark.parametrize("number", range(2))
    def test_two(number, resource):
        held = resource("db")
        assert len(held.instances) == 2
        with witness.span("two", instances=held.instances):
            pass

    @pytest.mark.shared_resource("db", units=3)
    def test_all(resource):
        with witness.span("all", instances=resource("db").instances):
            pass

    @pytest.mark.shared_resource("db", mode="read")
    @pytest.mark.shared_resource("other")
    def test_reader(resource):
        assert resource("db").instances == ()
        assert resource("other").instance == 0
        with witness.span("reader", instances=[0, 1, 2]):
            pass

    def test_unmarked(resource):
        with pytest.raises(LookupError, match="does not claim 'db'"):
            resource("db")
"""


def test_units_and_instances(pytester, run_markersteal, witness):
    """At most the capacity is in use at a time, by tests that know which instances are theirs."""
    pytester.makeini("[pytest]\nmarkersteal_resources =\n    db = 3\n    api = 5")
    pytester.makepyfile(UNITS)
    run_markersteal(n=3).assert_outcomes(passed=8)
    assert (
        witness.overlaps(
            lambda one, other: bool(set(one.facts["instances"]) & set(other.facts["instances"]))
        )
        == []
    )
    widths = {span.name: len(set(span.facts["instances"])) for span in witness.spans()}
    assert widths == {"one": 1, "two": 2, "all": 3, "reader": 3}


def test_capacity_can_be_used_up(pytester, run_markersteal, witness):
    """As many tests with one unit run at a time as there are units, each with its own instance."""
    pytester.makeini("[pytest]\nmarkersteal_resources = db = 3")
    pytester.makepyfile(
        """
        import pytest, witness

        @pytest.mark.shared_resource("db", units=1)
        @pytest.mark.parametrize("number", range(3))
        def test_one(number, resource):
            with witness.span("one", instance=resource("db").instance):
                witness.meet("three at once", 3)
        """
    )
    run_markersteal(n=3).assert_outcomes(passed=3)
    assert {span.facts["instance"] for span in witness.spans()} == {0, 1, 2}


def test_instances_without_a_scheduler(pytester, run_markersteal):
    """In one process a test has the first instances, as many as it has units."""
    pytester.makeini(
        "[pytest]\nmarkersteal_resources =\n    db = 3\n    account = alice, bob, carol"
    )
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.shared_resource("db", units=2)
        def test_two(resource):
            assert resource("db").instances == (0, 1)
            with pytest.raises(ValueError, match="use .instances"):
                resource("db").instance
            with pytest.raises(ValueError, match="use .instances or .names"):
                resource("db").name

        @pytest.mark.shared_resource("db")
        def test_one(resource):
            assert resource("db").instance == 0
            assert resource("db").names == ()
            with pytest.raises(ValueError, match="has no name: use .instance, or give names"):
                resource("db").name

        @pytest.mark.shared_resource("account")
        def test_named(resource):
            assert (resource("account").instance, resource("account").name) == (0, "alice")

        @pytest.mark.shared_resource("account", units=2)
        def test_names(resource):
            assert resource("account").instances == (0, 1)
            assert resource("account").names == ("alice", "bob")

        @pytest.mark.shared_resource("account", mode="read")
        def test_reader(resource):
            assert resource("account").instances == resource("account").names == ()
        """
    )
    run_markersteal(n=0).assert_outcomes(passed=5)
    run_markersteal(n=1).assert_outcomes(passed=5)
