"""What the command line loads before it knows what it is asked for."""

import inspect
import subprocess
import sys

import pytest
import typer

from ffpga.cli.app import COMMANDS, MEASUREMENTS, app

#: What takes long to load, and few commands need.
HEAVY = ("numba", "llvmlite", "sklearn", "scipy", "matplotlib", "pandas", "altair", "torch", "amaranth", "dask")
#: Of this project, what a list of commands needs.
LISTING = {
    "ffpga",
    "ffpga.cli",
    "ffpga.cli.app",
    "ffpga.cli.main",
    "ffpga.cli.options",
    "ffpga.cli.options.examples",
    "ffpga.cli.options.flags",
    "ffpga.cli.options.listed",
    "ffpga_hw",
    "ffpga_hw.flow",
    "ffpga_hw.flow.environment",
}


def loaded(*arguments: str) -> set[str]:
    """The modules that are loaded after the command."""
    asked = (
        "import sys\n"
        "from ffpga.cli.main import main\n"
        "try:\n    main()\n"
        "finally:\n"
        "    print(*sys.modules, file=sys.stderr)\n"
    )
    found = subprocess.run([sys.executable, "-c", asked, *arguments], capture_output=True, text=True, check=False)
    assert found.stdout
    return set(found.stderr.splitlines()[-1].split())


def test_help_loads_nothing_heavy():
    for arguments in (["train", "--help"], ["bench", "clocks", "--help"]):
        assert not loaded(*arguments) & set(HEAVY), arguments


@pytest.mark.parametrize("arguments", [["--help"], ["bench", "--help"]], ids=" ".join)
def test_a_list_of_commands_loads_no_command(arguments):
    modules = loaded(*arguments)
    assert {name for name in modules if name.partition(".")[0].startswith("ffpga")} == LISTING
    assert not modules & {*HEAVY, "numpy"}


def test_importing_the_package_loads_none_of_it():
    asked = "import sys, ffpga; print(*(name for name in sys.modules if name.startswith('ffpga') or name == 'numpy'))"
    found = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["ffpga"]


@pytest.mark.parametrize("group, listed", [((), COMMANDS), (("bench",), MEASUREMENTS)], ids=["ffpga", "bench"])
def test_the_list_says_what_the_commands_say(group, listed):
    found = typer.main.get_command(app)
    for name in group:
        found = found.commands[name]
    for name, one in listed.items():
        said = inspect.getdoc(found.commands[name].callback)
        assert said.partition("\n\n")[0].replace("\n", " ") == one.line, name
        assert found.commands[name].name == name


def test_the_version_loads_no_command():
    modules = loaded("--version")
    assert {name for name in modules if name.partition(".")[0].startswith("ffpga")} == LISTING
    assert not modules & {*HEAVY, "numpy"}
