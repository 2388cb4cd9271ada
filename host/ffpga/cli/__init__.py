"""The `ffpga` command: a file a group of commands."""
