"""`python -m ffpga`."""

from .cli.app import app

app(prog_name="ffpga")
