"""Settings are read, changed and written back, so these tests must not overlap."""

import time

import pytest
import shop


@pytest.mark.serial
@pytest.mark.parametrize("name", ["currency", "language", "theme"])
def test_a_setting_keeps_its_value(name):
    shop.change_setting(name, "before")
    time.sleep(0.1)  # Somebody else could change it now.
    assert shop.setting(name) == "before"
    shop.change_setting(name, "after")
    assert shop.setting(name) == "after"
