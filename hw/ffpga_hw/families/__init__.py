"""What FPGA families have of their own: each is a folder, whose chips all answer as `chip.Chip` says."""
