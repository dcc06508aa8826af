import asyncio

import pytest
from feeds.reader import newest
from feeds.source import Source


@pytest.fixture
def loop():
    """A loop that is closed, and was never the current one."""
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.mark.parametrize(("items", "expected"), [((), None), (("a",), "a"), (("a", "b"), "b")])
def test_the_newest_is_the_last(items, expected, loop):
    assert loop.run_until_complete(newest(Source(*items))) == expected


def test_a_default(loop):
    assert loop.run_until_complete(newest(Source(), "none")) == "none"


def test_it_takes_a_turn():
    async def turns():
        task = asyncio.ensure_future(newest(Source("a")))
        await asyncio.sleep(0)
        assert not task.done()
        return await task

    assert asyncio.run(turns()) == "a"
