"""The sources of a project, edited in memory and written when all is done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from pytest_markersteal.races.propose.editing.adding import with_marks
from pytest_markersteal.races.propose.editing.module import SourceError
from pytest_markersteal.races.propose.editing.taking import without_mark
from pytest_markersteal.races.propose.model import Mark
from pytest_markersteal.races.propose.placing import Place


class Sources:
    """Files below ``root``, by their paths relative to it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._before: dict[str, bytes] = {}
        self._after: dict[str, bytes] = {}

    def add(self, path: str, marks: Mapping[Place, Sequence[Mark]]) -> dict[Place, str]:
        """Add ``marks`` at places in the file at ``path``; why not, by place."""
        try:
            self._after[path], missed = with_marks(self._read(path), marks)
        except (SourceError, OSError) as error:
            return dict.fromkeys(marks, str(error))
        return missed

    def remove(self, mark: Mark, places: Sequence[Place]) -> list[Place]:
        """Take ``mark`` away from those of ``places`` that have it, which are returned."""
        by_path: dict[str, list[Place]] = defaultdict(list)
        for place in places:
            by_path[place.path].append(place)
        done: list[Place] = []
        for path, some in by_path.items():
            try:
                self._after[path], found = without_mark(self._read(path), mark, some)
            except (SourceError, OSError):
                continue  # Nothing of it is done.
            done += found
        return done

    @property
    def changes(self) -> dict[str, tuple[str, str]]:
        """What changed files were and are, to be shown."""
        return {
            path: (_shown(self._before[path]), _shown(after))
            for path, after in sorted(self._after.items())
            if after != self._before[path]
        }

    def write(self) -> None:
        """Write what has changed; ``OSError``."""
        for path in self.changes:
            (self._root / path).write_bytes(self._after[path])

    def _read(self, path: str) -> bytes:
        # Proposals are a file that anybody may have written.
        if Path(path).is_absolute() or ".." in Path(path).parts:
            raise SourceError(f"{path} is outside of this project; edit it by hand")
        if path not in self._after:
            self._before[path] = self._after[path] = (self._root / path).read_bytes()
        return self._after[path]


def _shown(source: bytes) -> str:
    return source.decode("utf-8", errors="replace")
