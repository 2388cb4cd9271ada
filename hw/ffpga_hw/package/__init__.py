"""What goes beside the Verilog, for those who take the core into a system of their own."""
