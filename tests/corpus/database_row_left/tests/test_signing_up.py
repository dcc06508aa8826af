import pytest
from crm.customers import count, living_in
from crm.signing_up import sign_up


def test_a_new_customer_is_kept(database):
    sign_up(database, "carl", "Kiel")
    assert living_in(database, "Kiel") == ["carl"]


@pytest.mark.parametrize("name", ["dora", " dora", "dora "])
def test_names_are_stripped(name, own):
    sign_up(own, name, "Kiel")
    assert living_in(own, "Kiel") == ["dora"]


@pytest.mark.parametrize("name", ["", " "])
def test_nobody_has_no_name(name, own):
    with pytest.raises(ValueError, match="has a name"):
        sign_up(own, name, "Kiel")
    assert count(own) == 0
