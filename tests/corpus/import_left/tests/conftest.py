import pytest


@pytest.fixture
def write_rules(tmp_path):
    """Writes a module in a folder of this test; returns the folder."""

    def write(condition, name="house_rules"):
        (tmp_path / f"{name}.py").write_text(f"def allowed(number):\n    return {condition}\n")
        return tmp_path

    return write
