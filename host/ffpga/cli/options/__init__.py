"""What is typed after a command: options that several have, said once; completion, and the examples of `--help`."""
