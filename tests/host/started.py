"""The command as tests start it: in this process, or as its users do."""

import os
import subprocess
import sys

from typer.testing import CliRunner

from ffpga.cli.app import app

#: A training that takes no time.
SMALL = ("--layers", "8", "--epochs", "1")


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(map(str, arguments)))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def ffpga(folder, *arguments: object, out=subprocess.PIPE, **environment: str) -> tuple[int, str, str]:
    """The command as its users start it, in a folder."""
    code = "from ffpga.cli.main import main; main()"
    command = [sys.executable, "-P", "-c", code, *map(os.fsencode, map(str, arguments))]
    around = {**os.environ, **environment}
    done = subprocess.run(command, cwd=folder, env=around, stdout=out, stderr=subprocess.PIPE, timeout=120, check=False)
    return done.returncode, (done.stdout or b"").decode(), done.stderr.decode()
