"""What FPGA families have of their own, behind the signatures of the portable blocks."""
