"""Data that a migration has put in, which a test with ``transaction=True`` removes at its end."""

import pytest
from shop.models import Kind

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("number", range(6))
def test_kind(number):
    assert Kind.objects.get().name == "book"


@pytest.mark.shared_resource("kinds")
@pytest.mark.parametrize("number", range(3))
def test_kind_of_a_key(number):
    Kind.objects.create(name="toy")
    assert Kind.objects.count() == 2
