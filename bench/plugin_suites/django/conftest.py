"""Puts back what migrations have put in, where a test with real transactions has removed it."""

import pytest
from django.core.management import call_command
from django.db import connections
from django.test import TestCase, TransactionTestCase

PUT_BACK = pytest.StashKey()
REAL_TRANSACTIONS = {"transactional_db", "live_server", "django_db_reset_sequences"}


@pytest.fixture(scope="session", autouse=True)
def migrated_data(request, django_db_setup, django_db_blocker):
    """Kept before the first test runs."""
    with django_db_blocker.unblock():
        kept = {one: one.creation.serialize_db_to_string() for one in connections.all()}

    def put_back():
        with django_db_blocker.unblock():
            for one, data in kept.items():
                flush = {"reset_sequences": False, "inhibit_post_migrate": True}
                call_command("flush", interactive=False, verbosity=0, database=one.alias, **flush)
                one.creation.deserialize_db_from_string(data)

    request.config.stash[PUT_BACK] = put_back
    yield
    del request.config.stash[PUT_BACK]  # The databases go next, in the same teardown.


def removes_everything(item):
    """Whether all tables are emptied when ``item`` ends."""
    cls = getattr(item, "cls", None)
    if cls is not None and issubclass(cls, TransactionTestCase):
        return not issubclass(cls, TestCase)
    mark = item.get_closest_marker("django_db")
    asked = mark is not None and (
        mark.kwargs.get("transaction") or mark.kwargs.get("reset_sequences")
    )
    return asked or not REAL_TRANSACTIONS.isdisjoint(getattr(item, "fixturenames", ()))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item):
    try:
        return (yield)
    finally:
        if PUT_BACK in item.config.stash and removes_everything(item):
            item.config.stash[PUT_BACK]()
