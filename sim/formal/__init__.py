"""Formal proofs of the hardware: `python -m formal`. The table of them is in `proofs.py`."""
