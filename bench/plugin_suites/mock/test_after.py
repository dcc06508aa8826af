import json

import pytest


@pytest.mark.parametrize("number", range(8))
def test_nothing_is_left(number):
    assert json.dumps(number) == str(number)
