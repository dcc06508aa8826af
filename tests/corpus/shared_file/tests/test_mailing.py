import pytest
from reports.export import MONTHLY, export
from reports.mailing import message


@pytest.fixture
def report(sales, tmp_path):
    path = tmp_path / "june.csv"
    export(sales, path)
    return path


def test_the_attachment_is_the_export():
    export([("dinghy", 900)])
    (part,) = message("ann@example.org").iter_attachments()
    assert part.get_content().split() == ["dinghy,900"]
    MONTHLY.unlink(missing_ok=True)


@pytest.mark.parametrize("to", ["ann@example.org", "bob@example.org"])
def test_mail_goes_to_whom_it_should(to, report):
    assert message(to, report)["To"] == to


def test_the_subject_names_the_month(report):
    assert message("ann@example.org", report)["Subject"] == "Your report june"


def test_the_attachment_has_the_name_of_the_file(report):
    (part,) = message("ann@example.org", report).iter_attachments()
    assert part.get_filename() == "june.csv"
