import pytest
from spool import jobs
from spool.jobs import print_out, submit, waiting


@pytest.fixture
def fast(monkeypatch):
    monkeypatch.setattr(jobs, "PRINT_S", 0.0)


def test_a_job_waits_in_the_spool():
    job = submit("a poster")
    assert job in waiting()
    assert print_out(job) == "a poster"
    assert job not in waiting()


@pytest.mark.parametrize("text", ["", "one line", "two\nlines"])
def test_the_page_has_the_text(text, tmp_path, fast):
    assert print_out(submit(text, tmp_path)) == text


def test_a_printed_job_is_gone(tmp_path, fast):
    print_out(submit("letter", tmp_path))
    assert waiting(tmp_path) == []


def test_jobs_have_different_names(tmp_path):
    assert len({submit("same", tmp_path) for _ in range(5)}) == 5


def test_a_job_prints_once(tmp_path, fast):
    job = submit("letter", tmp_path)
    print_out(job)
    with pytest.raises(FileNotFoundError):
        print_out(job)
