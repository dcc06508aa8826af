import asyncio


async def read_all(sources):
    """The items of all sources, each once, in the order of the sources."""
    lists = await asyncio.gather(*(source.fetch() for source in sources))
    return [*dict.fromkeys(item for items in lists for item in items)]


async def newest(source, default=None):
    items = await source.fetch()
    return items[-1] if items else default
