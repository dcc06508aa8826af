import io
import logging

import pytest
from dispatch.setup import log, log_to, logging_to


@pytest.fixture
def stream():
    return io.StringIO()


@pytest.fixture(scope="module")
def journal(tmp_path_factory):
    """A log file for this module, whose handler is removed."""
    path = tmp_path_factory.mktemp("journal") / "journal.log"
    handler = logging.FileHandler(path, encoding="utf-8")
    logging.getLogger("dispatch.journal").addHandler(handler)
    yield path
    logging.getLogger("dispatch.journal").removeHandler(handler)
    handler.close()


def test_lines_go_to_the_stream(stream):
    log_to(stream)
    log.warning("late")
    assert stream.getvalue() == "WARNING late\n"


@pytest.mark.parametrize("level", ["WARNING", "ERROR", "CRITICAL"])
def test_a_line_has_its_level(level, stream):
    with logging_to(stream):
        log.log(getattr(logging, level), "lost")
    assert stream.getvalue() == f"{level} lost\n"


def test_no_lines_behind_the_block(stream):
    with logging_to(stream):
        pass
    log.warning("too late")
    assert stream.getvalue() == ""


@pytest.mark.parametrize("line", ["one", "two"])
def test_the_journal_has_the_line(line, journal):
    logging.getLogger("dispatch.journal").warning(line)
    assert line in journal.read_text(encoding="utf-8").splitlines()


def test_a_handler_that_is_removed(stream):
    handler = log_to(stream)
    log.removeHandler(handler)
    assert handler not in log.handlers
