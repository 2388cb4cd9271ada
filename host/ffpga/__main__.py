"""`python -m ffpga`."""

from .cli.main import main

main()
