"""What is installed: metadata, types, a front page without pictures; and what is said where an extra is not there."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ffpga.errors import EXTRAS

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def without(package: str, code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Python code in a process that cannot import a package."""
    code = f"import sys\nsys.modules[{package!r}] = None\n{code}"
    return subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)


def command(*words: str) -> str:
    return f"sys.argv = {['ffpga', *words]}\nfrom ffpga.cli.main import main\nmain()"


@pytest.mark.parametrize(
    ("package", "code", "said"),
    [
        ("sklearn", command("train", "--target", "golden"), "ffpga: data digits needs scikit-learn: "),
        ("sklearn", command("train", "--data", "openml:iris"), "ffpga: data openml:iris needs scikit-learn: "),
        ("sklearn", command("bench", "anomalies", "--data", "."), "ffpga: this command needs scikit-learn: "),
        ("sklearn", "from ffpga import ForwardForwardClassifier", "ForwardForwardClassifier needs scikit-learn: "),
        ("sklearn", "import ffpga.transformers", "ffpga.transformers needs scikit-learn: "),
        ("altair", command("report", "none"), "ffpga: this command needs Altair: "),
    ],
)
def test_an_absent_extra_is_a_line(package, code, said, tmp_path):
    done = without(package, code, tmp_path)
    assert done.returncode in (1, 2)
    last = done.stderr.splitlines()[-1]
    assert last.removeprefix("ffpga.errors.FfpgaError: ") == f"{said}pip install 'ffpga[{EXTRAS[package][1]}]'"
    assert done.stderr.count("\n") == 1 or not said.startswith("ffpga: ")


@pytest.mark.parametrize("package", ["altair", "jinja2", "vl_convert"])
def test_a_run_needs_no_report(package, tmp_path):
    """All else of it is left, and what to do is said."""
    table = "".join(f"{n % 7},{n % 3},{'ab'[n % 2]}\n" for n in range(40))
    (tmp_path / "table.csv").write_text(f"x,y,label\n{table}")
    words = "train --target golden --data table.csv --layers 8 --epochs 1 --out run --json run.json"
    done = without(package, command(*words.split()), tmp_path)
    assert done.returncode == 0 and not done.stderr, done.stderr
    name = EXTRAS[package][0]
    assert f"report.html needs {name}: pip install 'ffpga[report]', then ffpga report run" in done.stdout
    there = {path.name for path in (tmp_path / "run").iterdir()}
    assert there == {"checkpoint.npz", "curve.png", "run.json", "run.npz"}
    assert json.loads((tmp_path / "run.json").read_text())["epochs"]


def test_extras_are_those_of_the_package():
    """Each package that is asked for by an extra's name is in that extra, and not among what everybody gets."""
    extras = PROJECT["project"]["optional-dependencies"]
    named = {"sklearn": "scikit-learn", "vl_convert": "vl-convert-python", "markupsafe": "jinja2"}
    for module, (_, extra) in EXTRAS.items():
        package = named.get(module, module)
        assert any(one.startswith(package) for one in extras[extra]), (module, extra)
        assert not any(one.startswith(package) for one in PROJECT["project"]["dependencies"])


def test_every_dependency_has_a_bound():
    extras = PROJECT["project"]["optional-dependencies"].values()
    for one in [*PROJECT["project"]["dependencies"], *(one for extra in extras for one in extra)]:
        assert one.startswith("ffpga[") or re.search(r"(>=|==)\d", one), f"{one} needs a lower bound"


def test_every_dependency_is_locked():
    """The lock file has each one that the tests need, in a version within its bounds."""
    lines = [
        line.partition(";")[0].split("==") for line in (ROOT / "tests" / "requirements.txt").read_text().splitlines()
    ]
    locked = {canonicalize_name(name): version.strip() for name, version in lines}
    extras, wanted = PROJECT["project"]["optional-dependencies"], [*PROJECT["project"]["dependencies"], "ffpga[dev]"]
    for one in map(Requirement, wanted):
        if one.name == "ffpga":
            wanted += [each for extra in one.extras for each in extras[extra]]
        else:
            assert canonicalize_name(one.name) in locked, f"{one.name} is not in the lock file: make lock"
            assert locked[canonicalize_name(one.name)] in one.specifier, (
                f"{one} is locked to another version: make lock"
            )
    assert len(wanted) > 30


def test_every_package_is_typed():
    for package in PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]:
        assert (ROOT / package / "py.typed").is_file(), package


def test_the_description_needs_no_repository():
    """What package indexes show: the front page without pictures and without links into the repository."""
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "metadata", "readme"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    text = done.stdout
    assert "make demo" in text and "## Limits" in text and "ForwardForwardClassifier" in text
    assert "![" not in text and not re.findall(r"\]\((?!https?:)", text)
    assert not re.search(r"\bpicture\b|\(more\b", text)
