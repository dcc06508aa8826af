"""Real suites from the package index, none of them written here, with pinned versions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Suite:
    """A suite in a source distribution, or, without ``folder``, in an installed package.

    ``marks`` is a plugin in this folder that marks the suite's tests from outside.
    """

    name: str
    version: str
    args: tuple[str, ...]
    folder: str = ""
    needs: tuple[str, ...] = ()
    marks: str = ""
    clean: tuple[str, ...] = ()
    """Files that the suite leaves behind at fixed places, to be removed before each run."""

    @property
    def requirement(self) -> str:
        """What pip installs."""
        return f"{self.name}=={self.version}"


SAFE = (
    Suite("click", "8.5.1", ("tests",), "click-8.5.1"),
    Suite("waitress", "3.0.2", ("tests", "-o", "addopts="), "waitress-3.0.2"),
    Suite("more-itertools", "11.2.1", ("tests",), "more_itertools-11.2.1"),
    Suite(
        "networkx",
        "3.6.1",
        (
            "--pyargs",
            "networkx.algorithms.connectivity",
            "networkx.algorithms.isomorphism",
            "networkx.algorithms.flow",
        ),
    ),
)

UNSAFE = Suite(
    "huey",
    "3.5.4",
    ("huey/tests",),
    "huey-3.5.4",
    needs=("peewee==4.5.3", "redis==8.1.0"),
    marks="huey_marks",
    clean=("/tmp/huey*.db*", "/tmp/test-huey-storage", "huey*.db*"),
)
"""Its tests keep databases and files at fixed places under /tmp."""

RECORDED = (
    *SAFE,
    Suite("h5py", "3.16.0", ("--pyargs", "h5py")),
    Suite(
        "numpy", "2.4.6", ("--pyargs", "numpy.linalg", "numpy.ma"), needs=("hypothesis==6.170.15",)
    ),
    Suite("scipy", "1.17.1", ("--pyargs", "scipy.optimize"), needs=("hypothesis==6.170.15",)),
    Suite(
        "pandas",
        "3.1.1",
        ("--pyargs", "pandas.tests.resample", "pandas.tests.reshape"),
        needs=("hypothesis==6.170.15",),
    ),
    Suite("dask", "2026.8.0", ("--pyargs", "dask.array.tests")),
    Suite("sympy", "1.14.0", ("--pyargs", "sympy.solvers")),
    Suite(
        "statsmodels",
        "0.15.0",
        ("--pyargs", "statsmodels.genmod", "statsmodels.discrete", "statsmodels.regression"),
    ),
    Suite(
        "xarray",
        "2026.9.0",
        (
            "--pyargs",
            *(
                f"xarray.tests.test_{part}"
                for part in (
                    "coding_times",
                    "computation",
                    "dataarray",
                    "dataset",
                    "groupby",
                    "interp",
                    "variable",
                )
            ),
        ),
        needs=("dask==2026.8.0", "scipy==1.17.1", "pytz==2026.6"),
    ),
    Suite("sqlalchemy", "2.1.9", ("test/orm/inheritance", "test/ext"), "sqlalchemy-2.1.9"),
)
"""What the simulator replays."""

TOOLS = ("pytest==9.2.0", "pytest-xdist==3.8.0", "execnet==2.1.2", "msgpack==1.2.4")
