import allure
import pytest


@pytest.fixture(scope="module")
def server():
    with allure.step("start the server"):
        pass
    yield
    with allure.step("stop the server"):
        pass


@allure.feature("steps")
@allure.severity(allure.severity_level.CRITICAL)
@pytest.mark.parametrize("number", range(8))
def test_steps(server, number):
    with allure.step(f"step {number}"):
        allure.attach(f"text {number}", "attached", allure.attachment_type.TEXT)
        with allure.step("inner step"):
            pass


@pytest.fixture
def broken_later():
    yield
    raise OSError("broken later")


@pytest.mark.shared_resource("key")
def test_error_in_teardown(broken_later):
    pass


@pytest.mark.serial
@allure.title("a title of its own")
@allure.link("http://localhost/", name="link")
def test_title():
    print("printed")


def test_that_fails(server):
    with allure.step("the one that fails"):
        raise AssertionError("it always does")


@pytest.mark.skip(reason="not here")
def test_skipped():
    pass


@pytest.mark.no_parallel
@allure.story("alone")
def test_dynamic():
    allure.dynamic.description("told while it runs")
    allure.dynamic.tag("tagged")
