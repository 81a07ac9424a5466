"""The pages of CONTRIBUTING.md, followed to the letter."""

import os
import re
import site
import subprocess
import sys
import venv
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[1] / "CONTRIBUTING.md"


@pytest.fixture
def environment(tmp_path):
    """A fresh environment that sees the installed packages, and into which more can be installed."""
    folder = tmp_path / "environment"
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    (own,) = folder.glob("lib/python*/site-packages")
    outer = [path for path in site.getsitepackages() if Path(path).is_dir()]
    (own / "outer.pth").write_text("".join(f"import site; site.addsitedir({path!r})\n" for path in outer))
    (folder / "bin" / "benchbench").write_text(f"#!{python}\nfrom benchbench.cli import main\nmain()\n")
    (folder / "bin" / "benchbench").chmod(0o755)
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    jupyter = str(Path(sys.prefix) / "share" / "jupyter")
    return {**os.environ, "PATH": path, "JUPYTER_PATH": jupyter, "XDG_CACHE_HOME": str(tmp_path / "cache")}


@pytest.mark.skipif(sys.platform == "win32", reason="the page is written for a POSIX shell")
def test_adding_a_hardware_target_as_the_page_says(tmp_path, environment):
    (commands,) = re.findall(r"as it stands -->\n```bash\n(.*?)```", PAGE.read_text(), re.DOTALL)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        check=False,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    table = (tmp_path / "results" / "my-engine" / "measurements.csv").read_text()
    assert "latency_p50" in "".join(line for line in table.splitlines() if ",my-engine," in line)
