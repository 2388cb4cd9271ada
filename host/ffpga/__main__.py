"""`python -m ffpga`."""

from .cli import app

app(prog_name="ffpga")
