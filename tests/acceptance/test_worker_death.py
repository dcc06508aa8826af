"""Workers that die: wherever it happens, one test is blamed at most, and nothing else is lost."""

from __future__ import annotations

import pytest

ORDINARY = """
@pytest.mark.parametrize("n", range(8))
def test_plain(n):
    pass
"""


@pytest.mark.parametrize("how", ["exit", "kill", "segv"])
def test_each_way_to_die_blames_the_running_test(lab, how):
    """Exit, SIGKILL or segfault in a test's body blames that test alone, and the rest passes."""
    lab.module(
        f"{ORDINARY}\ndef test_dies():\n    die({how!r})\n{ORDINARY.replace('plain', 'more')}"
    )
    lab.run().check(status=1, crashed=["test_dies"])


@pytest.mark.parametrize("transport", ["batched", "plain"])
def test_results_that_were_not_sent_yet_outlive_the_worker(lab, transport):
    """Tiny tests that ran just before a death are neither lost nor run again."""
    lab.module(
        """
@pytest.mark.parametrize("n", range(400))
def test_tiny(n):
    if n in (150, 390):
        die("kill")
"""
    )
    ledger = lab.run("-o", f"markersteal_transport={transport}", workers=2)
    ledger.check(status=1, crashed=["test_tiny[150]", "test_tiny[390]"])


def test_dies_in_fixtures_of_a_test(lab):
    """A death in setup or teardown, own or of the module, blames the test it belongs to."""
    lab.module(
        """
@pytest.fixture
def bad_setup():
    die()

@pytest.fixture
def bad_teardown():
    yield
    die("kill")

def test_setup(bad_setup):
    pass

def test_teardown(bad_teardown):
    pass
"""
        + ORDINARY
    )
    lab.module(
        """
@pytest.fixture(scope="module", autouse=True)
def bad():
    yield
    if first("module-died"):
        die()

def test_module_a():
    pass

def test_module_b():
    pass
""",
        "test_module",
    )
    ledger = lab.run(workers=2)
    assert len(ledger.crashed) == 3, ledger.output
    in_module = [name for name in ledger.names(ledger.crashed) if "module" in name]
    ledger.check(status=1, crashed=["test_setup", "test_teardown", *in_module])


def test_two_deaths_in_a_row_on_one_slot(lab):
    """When the replacement dies too, each death blames its own test and the slot lives on."""
    lab.module(
        ORDINARY
        + """
@pytest.mark.xdist_group("fatal")
@pytest.mark.parametrize("n", range(3))
def test_fatal(n):
    if n < 2:
        die("kill")
"""
    )
    ledger = lab.run(workers=2)
    ledger.check(status=1, crashed=["test_fatal[0]", "test_fatal[1]"])
    slots = {e["worker"]: e["slot"] for e in ledger.of("up")}
    assert len(slots) == 4
    assert set(slots.values()) == {"0", "1"}


WITHOUT_BOXES = """
@pytest.hookimpl(trylast=True)
def pytest_configure_node(node):
    os.unlink(node.workerinput["markersteal_box"])
"""
WITHOUT_LOGSTART = """
from _pytest.runner import runtestprotocol

@pytest.hookimpl
def pytest_runtest_protocol(item, nextitem):
    runtestprotocol(item, nextitem=nextitem)
    return True
"""


@pytest.mark.parametrize("plugin", ["", WITHOUT_LOGSTART], ids=["alone", "without logstart"])
def test_worker_without_its_black_box(lab, plugin):
    """An interpreter in a container may have other files: what it does is sent at once then.

    Also where a plugin runs tests in its own way, and does not tell that they start.
    """
    lab.conftest(WITHOUT_BOXES)
    (lab.path / "own_way.py").write_text(f"import pytest\n{plugin}")
    lab.module(
        """
@pytest.mark.parametrize("n", range(8))
def test_any(n):
    if n == 4:
        die()
"""
    )
    lab.run("-p", "own_way").check(status=1, crashed=["test_any[4]"])
