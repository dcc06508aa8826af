import asyncio

import pytest
from feeds.reader import newest, read_all
from feeds.source import Source


def test_a_feed_without_asyncio_run():
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    assert loop.run_until_complete(newest(Source("old", "new"))) == "new"


@pytest.mark.parametrize("count", [0, 1, 2, 10])
def test_every_source_is_read(count):
    sources = [Source(number) for number in range(count)]
    assert asyncio.run(read_all(sources)) == [*range(count)]


def test_an_item_comes_once():
    assert asyncio.run(read_all([Source("a", "b"), Source("b", "c")])) == ["a", "b", "c"]


def test_a_source_that_fails():
    class Broken(Source):
        async def fetch(self):
            raise ConnectionError("no route")

    with pytest.raises(ConnectionError, match="no route"):
        asyncio.run(read_all([Source("a"), Broken()]))


def test_a_loop_that_is_taken_away():
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        assert loop.run_until_complete(read_all([])) == []
    finally:
        asyncio.set_event_loop(None)
        loop.close()
