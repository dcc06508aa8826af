import os

import pytest


@pytest.fixture(scope="class")
def workshop(tmp_path_factory):
    """Another current directory, which is given back."""
    before = os.getcwd()
    folder = tmp_path_factory.mktemp("workshop")
    os.chdir(folder)
    yield folder
    os.chdir(before)
