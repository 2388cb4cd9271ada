"""From a configuration to Verilog, a bitstream, and its figures."""
