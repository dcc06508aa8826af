import pytest


@pytest.hookimpl(optionalhook=True)
def pytest_json_runtest_metadata(item, call):
    return {f"{call.when} of": item.name}
