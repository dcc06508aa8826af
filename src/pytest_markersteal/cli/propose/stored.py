"""The proposals that are there, with errors that say what to do."""

from __future__ import annotations

from pathlib import Path

from pytest_markersteal.cli.usage import UsageError
from pytest_markersteal.races.propose.file import FILE, ProposalsError, read_proposals
from pytest_markersteal.races.propose.model import Proposals


def reviewed(root: Path) -> Proposals | None:
    """The proposals as a review left them; None if there are none, ``UsageError`` if no use."""
    path = root / FILE
    try:
        return read_proposals(path)
    except FileNotFoundError:
        return None
    except ProposalsError as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        raise UsageError(f"can't read {path}: {error.strerror or error}") from error


def to_be_applied(root: Path) -> Proposals:
    """The proposals; ``UsageError`` if there is no file of them."""
    proposals = reviewed(root)
    if proposals is None:
        raise UsageError(
            f"there is no {FILE.as_posix()} here; run 'markersteal propose' in pytest's rootdir to "
            "write it, and review it"
        )
    return proposals
