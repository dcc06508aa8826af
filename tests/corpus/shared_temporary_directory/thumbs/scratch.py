import shutil
import tempfile
from pathlib import Path


def default_scratch():
    return Path(tempfile.gettempdir()) / "thumbs"


def clean(folder=None):
    shutil.rmtree(folder or default_scratch(), ignore_errors=True)
