"""The commands `ffpga field` and `ffpga watch`: chips that learn on where they are."""
