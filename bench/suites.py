"""Real suites from the package index, none of them written here, with pinned versions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Suite:
    """A suite in a source distribution, or, without ``folder``, in an installed package."""

    name: str
    version: str
    args: tuple[str, ...]
    folder: str = ""
    needs: tuple[str, ...] = ()
    clean: tuple[str, ...] = ()
    """Files that the suite leaves behind at fixed places, to be removed before each run."""
    part: str = ""
    """Tells apart two parts of one package."""

    @property
    def title(self) -> str:
        """What it is called where several suites are listed."""
        return f"{self.name}-{self.part}" if self.part else self.name

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

UNSAFE = (
    Suite(
        "huey",
        "3.5.4",
        ("huey/tests",),
        "huey-3.5.4",
        needs=("peewee==4.5.3", "redis==8.1.0"),
        clean=("/tmp/huey*.db*", "/tmp/test-huey-storage", "huey*.db*"),
    ),
    Suite(
        "aiosmtpd",
        "1.4.6",
        ("aiosmtpd", "-o", "addopts=", "-p", "no:warnings"),
        "aiosmtpd-1.4.6",
        needs=("pytest-mock==3.17.0",),
    ),
)
"""Their tests keep databases and files at fixed places, or listen on fixed ports."""

NUMPY = "numpy==2.4.6"
SCIPY = "scipy==1.17.1"
PANDAS = "pandas==3.1.1"
HYPOTHESIS = "hypothesis==6.170.15"

RECORDED = (
    *SAFE,
    Suite(
        "cffi",
        "2.1.1",
        ("testing/cffi1",),
        "cffi-2.1.1",
        needs=("setuptools==65.5.0",),
    ),
    Suite("dask", "2026.8.0", ("--pyargs", "dask.array.tests"), needs=(NUMPY, SCIPY)),
    Suite("h5py", "3.16.0", ("--pyargs", "h5py"), needs=(NUMPY,)),
    Suite("numpy", "2.4.6", ("--pyargs", "numpy.linalg", "numpy.ma"), needs=(HYPOTHESIS,)),
    Suite(
        "obspy",
        "1.5.1",
        ("--pyargs", "obspy.core", "obspy.imaging", "obspy.signal", "obspy.taup"),
        needs=(
            NUMPY,
            SCIPY,
            "geographiclib==2.1",
            "pyproj==3.7.2",
            "matplotlib==3.11.2",
            "sqlalchemy==2.1.9",
        ),
    ),
    Suite(
        "pandas",
        "3.1.1",
        ("--pyargs", "pandas.tests.resample", "pandas.tests.reshape"),
        needs=(NUMPY, HYPOTHESIS),
    ),
    Suite("scipy", "1.17.1", ("--pyargs", "scipy.optimize"), needs=(NUMPY, HYPOTHESIS)),
    Suite("sqlalchemy", "2.1.9", ("test/ext", "test/orm/inheritance"), "sqlalchemy-2.1.9"),
    Suite(
        "sqlalchemy",
        "2.1.9",
        (
            "test/orm/test_assorted_eager.py",
            "test/orm/test_eager_relations.py",
            "test/orm/test_froms.py",
            "test/orm/test_joins.py",
            "test/orm/test_mapper.py",
            "test/orm/test_of_type.py",
            "test/orm/test_relationships.py",
            "test/orm/test_selectin_relations.py",
            "test/orm/test_subquery_relations.py",
            "test/orm/test_unitofwork.py",
            "test/orm/test_unitofworkv2.py",
        ),
        "sqlalchemy-2.1.9",
        part="relations",
    ),
    Suite(
        "statsmodels",
        "0.15.0",
        ("--pyargs", "statsmodels.discrete", "statsmodels.genmod", "statsmodels.regression"),
        needs=(NUMPY, SCIPY, PANDAS),
    ),
    Suite(
        "statsmodels",
        "0.15.0",
        (
            "--pyargs",
            "statsmodels.tsa.statespace.tests.test_collapsed",
            "statsmodels.tsa.statespace.tests.test_dynamic_factor",
            "statsmodels.tsa.statespace.tests.test_exact_diffuse_filtering",
            "statsmodels.tsa.statespace.tests.test_kalman",
            "statsmodels.tsa.statespace.tests.test_sarimax",
            "statsmodels.tsa.statespace.tests.test_simulation_smoothing",
            "statsmodels.tsa.statespace.tests.test_smoothing",
            "statsmodels.tsa.statespace.tests.test_structural",
            "statsmodels.tsa.statespace.tests.test_univariate",
            "statsmodels.tsa.statespace.tests.test_varmax",
        ),
        needs=(NUMPY, SCIPY, PANDAS),
        part="statespace",
    ),
    Suite(
        "xarray",
        "2026.9.0",
        (
            "--pyargs",
            "xarray.tests.test_coding_times",
            "xarray.tests.test_computation",
            "xarray.tests.test_dataarray",
            "xarray.tests.test_dataset",
            "xarray.tests.test_groupby",
            "xarray.tests.test_interp",
            "xarray.tests.test_variable",
        ),
        needs=(NUMPY, SCIPY, PANDAS, "dask==2026.8.0", "pytz==2026.6"),
    ),
)
"""Suites whose durations the simulator replays."""

TOOLS = ("pytest==9.2.0", "pytest-xdist==3.8.0", "execnet==2.1.2", "msgpack==1.2.4")
