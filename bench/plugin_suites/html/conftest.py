import pytest
import pytest_html


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    report.extras = [
        *getattr(report, "extras", []),
        pytest_html.extras.text(f"{report.when} of {item.name}", name="phase"),
    ]
    return report
