"""What the command line loads before it knows what it is asked for."""

import subprocess
import sys

#: What takes long to load, and few commands need.
HEAVY = ("numba", "llvmlite", "sklearn", "scipy", "matplotlib", "pandas", "altair", "torch", "amaranth", "dask")


def loaded(*arguments: str) -> list[str]:
    """Which of them are loaded after the command."""
    asked = (
        "import sys\n"
        "from ffpga.cli.main import main\n"
        "try:\n    main()\n"
        "finally:\n"
        f"    print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)\n"
    )
    found = subprocess.run([sys.executable, "-c", asked, *arguments], capture_output=True, text=True, check=False)
    assert found.stdout
    return found.stderr.splitlines()[-1:]


def test_help_loads_nothing_heavy():
    for arguments in (["--help"], ["train", "--help"], ["bench", "clocks", "--help"]):
        assert loaded(*arguments) == ["[]"], arguments


def test_the_version_loads_nothing_heavy():
    assert loaded("--version") == ["[]"]
