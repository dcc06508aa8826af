import anyio
import pytest
import sniffio
from told import tell

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module", params=["asyncio", "trio"])
def anyio_backend(request):
    return request.param


@pytest.fixture(scope="module")
async def channel(anyio_backend):
    tell(f"channel {anyio_backend} up")
    send, receive = anyio.create_memory_object_stream(10)
    async with send, receive:
        yield send, receive
    tell(f"channel {anyio_backend} down")


@pytest.mark.parametrize("number", range(6))
async def test_channel(channel, number):
    send, receive = channel
    await send.send(number)
    assert await receive.receive() == number


async def test_backend(anyio_backend):
    assert sniffio.current_async_library() == anyio_backend


@pytest.mark.shared_resource("channel")
async def test_task_group(channel):
    seen = []

    async def work(number):
        await anyio.sleep(0)
        seen.append(number)

    async with anyio.create_task_group() as tasks:
        for number in range(5):
            tasks.start_soon(work, number)
    assert sorted(seen) == list(range(5))


@pytest.mark.serial
async def test_that_fails(channel):
    with anyio.fail_after(0):
        await anyio.Event().wait()
