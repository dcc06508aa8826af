"""None of them asks for a browser: it is only about the options and fixtures of both plugins."""

import pytest


@pytest.mark.parametrize("number", range(8))
def test_options(request, number):
    assert request.config.getoption("--browser") == ["chromium"]
    assert request.config.getoption("--tracing") == "off"


def test_fixtures(browser_name, browser_type_launch_args, free_port, worker_slot):
    assert browser_name == "chromium"
    assert browser_type_launch_args == {}
    assert free_port > 0


@pytest.mark.serial
def test_serial(browser_name):
    pass


@pytest.mark.skip_browser("chromium")
def test_skipped(browser_name):
    pass
