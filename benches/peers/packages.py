"""The peers' Python packages: those of the running interpreter, or else of a venv that is made once."""

import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path

PINNED = {"duckdb": "2.0.0", "polars": "2.1.0", "chdb": "4.4.0"}
# Writes the archives, and holds the rows that are compared.
ANY = ("pyarrow",)


def missing():
    """What pip would have to install, in pip's words."""
    found = {}
    for name in (*PINNED, *ANY):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = None
    pinned = [f"{name}=={version}" for name, version in PINNED.items() if found[name] != version]
    return pinned + [name for name in ANY if found[name] is None]


def ensure(venv):
    """Goes on in an interpreter that has them; does not return where that is the one of `venv`."""
    if not missing():
        return
    python = venv / "bin" / "python"
    if Path(sys.prefix).resolve() != venv.resolve():
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        os.execv(python, [str(python), *sys.argv])
    wanted = missing()
    print(f"installing {', '.join(wanted)} into {venv}", file=sys.stderr)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.run([*pip, *wanted], check=False).returncode != 0 or missing():
        sys.exit(f"{venv} does not have {', '.join(missing())}; install them for {sys.executable}")


def versions():
    return {name: importlib.metadata.version(name) for name in (*PINNED, *ANY)}
