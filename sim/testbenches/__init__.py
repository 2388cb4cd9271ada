"""cocotb testbenches: byte streams with random waits, the chip, the table of configurations."""
