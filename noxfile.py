"""What needs other interpreters, or environments without this checkout: ``nox --list`` shows it.

Everything here works with the wheel that ``build`` builds, and never with the sources beside it.
"""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from pathlib import Path

import nox
from packaging.requirements import Requirement

nox.needs_version = ">=2025.5"
nox.options.default_venv_backend = "venv"
nox.options.sessions = ["matrix", "demo"]

BUILT = Path("dist")
PROJECT = nox.project.load_toml("pyproject.toml")
SUPPORTED = nox.project.python_versions(PROJECT)
"""Those of the classifiers: where one is missing, its sessions are skipped."""
_LAST = int(SUPPORTED[-1].removeprefix("3."))
_NEWER = [f"3.{minor}{build}" for minor in range(_LAST, _LAST + 4) for build in ("", "t")][1:]
NEWER = [version for version in _NEWER if shutil.which(f"python{version}")]
"""Newer ones, and builds without the lock, which only some machines have."""

TESTS = ("tests/unit", "tests/property", "tests/plugin")
IMPORTED = """
import pathlib, sys, pytest_markersteal
from importlib.metadata import version
where = pathlib.Path(pytest_markersteal.__file__).resolve().parent
print("tested:", where, *(f"{name}=={version(name)}" for name in sys.argv[1:]))
sys.exit(pathlib.Path(sys.prefix).resolve() not in where.parents)
"""
"""Fails unless what is imported is what is installed."""

NEEDS = [Requirement(text) for text in PROJECT["project"]["dependencies"]]


@nox.session
def build(session: nox.Session) -> None:
    """Build the source distribution, and the wheel from it, into dist/; and look at both."""
    shutil.rmtree(BUILT, ignore_errors=True)
    session.install("build", "twine", "readme-renderer[md]")
    session.run("python", "-m", "build", "--outdir", str(BUILT))
    session.run("twine", "check", "--strict", *map(str, BUILT.iterdir()))


@nox.session(python=[*SUPPORTED, *NEWER], requires=["build"])
@nox.parametrize("versions", ["lowest", "newest"])
def matrix(session: nox.Session, versions: str) -> None:
    """Unit, property and plugin tests with the least and the latest versions of what it needs.

    What is behind ``--`` goes to pytest, instead of the folders of these tests.
    """
    (wheel,) = BUILT.resolve().glob("*.whl")
    # Not in the checkout, where pytest would find the settings of this project for any test's own.
    with tempfile.TemporaryDirectory(prefix="markersteal-matrix-") as temporary:
        limits = Path(temporary, "constraints.txt")
        limits.write_text("\n".join(_lowest() if versions == "lowest" else []), encoding="ascii")
        session.install(f"{wheel}[test]", "--constraint", str(limits))
        # Where an environment is used again, pip would keep an older build of the same version.
        session.install("--force-reinstall", "--no-deps", str(wheel))
        with session.chdir(_tests(Path(temporary))):
            session.run("python", "-c", IMPORTED, *(need.name for need in NEEDS))
            arguments = ("-n", "auto", "--dist", "markersteal", *(session.posargs or TESTS))
            session.run("python", "-m", "pytest", *arguments)


@nox.session(requires=["build"])
def demo(session: nox.Session) -> None:
    """Run the demonstration where nothing but the wheel and what it needs is installed."""
    (wheel,) = BUILT.glob("*.whl")
    session.install(str(wheel))
    session.install("--force-reinstall", "--no-deps", str(wheel))
    session.run("python", "-c", IMPORTED, *(need.name for need in NEEDS))
    session.run("python", "examples/demo.py")


def _lowest() -> list[str]:
    """What pins each package that the project needs to the least version that it allows."""
    pins = []
    for need in NEEDS:
        (least,) = (limit.version for limit in need.specifier if limit.operator == ">=")
        pins.append(f"{need.name}=={least}" + (f"; {need.marker}" if need.marker else ""))
    return pins


def _tests(temporary: Path) -> Path:
    """A folder with all of the source distribution but the sources, which it removes."""
    (source,) = BUILT.resolve().glob("*.tar.gz")
    folder = temporary / source.name.removesuffix(".tar.gz")
    with tarfile.open(source) as archive:
        archive.extractall(temporary, filter="data")
    shutil.rmtree(folder / "src")
    return folder
