import pytest
from told import tell


@pytest.fixture(scope="session")
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="session")
async def account():
    tell("account up")
    yield {"money": 10}
    tell("account down")


@pytest.mark.anyio
@pytest.mark.parametrize("number", range(5))
async def test_account(account, number):
    assert account["money"] == 10
