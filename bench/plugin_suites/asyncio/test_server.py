import asyncio

import pytest
import pytest_asyncio
from told import tell


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server():
    async def echo(reader, writer):
        writer.write(await reader.readline())
        await writer.drain()
        writer.close()

    tell("server up")
    async with await asyncio.start_server(echo, "127.0.0.1", 0) as listening:
        yield asyncio.get_running_loop(), listening.sockets[0].getsockname()[1]
    tell("server down")


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("number", range(8))
async def test_echo(server, number):
    loop, port = server
    assert asyncio.get_running_loop() is loop
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"%d\n" % number)
    assert await reader.readline() == b"%d\n" % number
    writer.close()


@pytest.mark.asyncio(loop_scope="module")
async def test_that_fails(server):
    await asyncio.sleep(0)
    assert server[1] == 0, "a port is never 0"


@pytest.mark.asyncio
async def test_with_a_loop_of_its_own(server):
    assert asyncio.get_running_loop() is not server[0]
