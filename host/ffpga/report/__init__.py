"""The report of a run, or of several side by side, as one HTML file that needs nothing else."""

from .comparison import write_comparison
from .single import write_report

__all__ = ["write_comparison", "write_report"]
