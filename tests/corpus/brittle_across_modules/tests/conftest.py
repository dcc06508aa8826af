import pytest


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory):
    """One folder for the run; a test should use names of its own in it."""
    return tmp_path_factory.mktemp("wiki")
