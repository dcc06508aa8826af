import asyncio

import pytest_asyncio
from told import tell


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def connection():
    tell("connection up")
    yield asyncio.get_running_loop()
    await asyncio.sleep(0)
    tell("connection down")
