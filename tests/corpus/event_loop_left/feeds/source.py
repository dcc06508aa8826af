import asyncio


class Source:
    """A feed in memory."""

    def __init__(self, *items):
        self._items = items

    async def fetch(self):
        await asyncio.sleep(0)
        return [*self._items]
