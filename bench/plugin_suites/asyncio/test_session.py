import asyncio

import pytest

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("number", range(6))
async def test_connection(connection, number):
    assert asyncio.get_running_loop() is connection


@pytest.mark.serial
async def test_serial(connection):
    assert asyncio.get_running_loop() is connection


@pytest.mark.shared_resource("queue")
@pytest.mark.parametrize("number", range(3))
async def test_queue(connection, number):
    assert asyncio.get_running_loop() is connection


async def test_cancelled():
    task = asyncio.ensure_future(asyncio.Event().wait())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.xfail(reason="it does", strict=True)
async def test_expected_to_fail(connection):
    assert not connection
