"""Work in threads and in other processes, which are measured too."""

from __future__ import annotations

import sys
import threading


def in_thread(results: list[int]) -> None:
    def work() -> None:
        results.append(1)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def main() -> int:
    print("in a process of its own")
    return 0


if __name__ == "__main__":
    sys.exit(main())
