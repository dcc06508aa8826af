"""``markersteal doctor``: what it refuses, and what it has nothing to say about."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_markersteal.cli.main import main


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("shop", "argument URL: this is no URL, such as postgresql://"),
        ("oracle://localhost/shop", "argument URL: there are no databases for URLs of 'oracle'"),
        ("postgresql://127.0.0.1:1/shop", "can't connect to the server of shop: "),
    ],
)
def test_a_url_that_leads_nowhere_is_wrong_usage(
    url: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says which, and what is wrong with it."""
    with pytest.raises(SystemExit) as ended:
        main(["doctor", url])
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_where_nothing_was_made_there_is_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that is not there is not made either; a database in memory is not looked for."""
    assert main(["doctor", "sqlite://", f"sqlite:///{tmp_path}/data/shop.db"]) == 0
    assert capsys.readouterr().out == "databases made from shop:\n  none\n"
    assert not (tmp_path / "data").exists()
