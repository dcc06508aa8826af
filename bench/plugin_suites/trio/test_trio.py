import pytest
import trio
from told import tell


@pytest.fixture
async def connection(nursery):
    tell("connection up")
    started = trio.Event()

    async def serve(event):
        event.set()
        await trio.sleep_forever()

    nursery.start_soon(serve, started)
    await started.wait()
    yield "open"
    tell("connection down")


@pytest.mark.parametrize("number", range(8))
async def test_connection(connection, number):
    assert connection == "open"


@pytest.mark.parametrize("hours", [1, 10])
async def test_virtual_time(autojump_clock, hours):
    before_s = trio.current_time()
    await trio.sleep(hours * 3600)
    assert trio.current_time() - before_s == pytest.approx(hours * 3600)


@pytest.mark.serial
async def test_that_fails(connection):
    with trio.fail_after(0):
        await trio.sleep_forever()


@pytest.mark.shared_resource("queue")
@pytest.mark.parametrize("number", range(3))
async def test_queue(nursery, number):
    nursery.cancel_scope.cancel()


def test_not_async(request):
    assert request
