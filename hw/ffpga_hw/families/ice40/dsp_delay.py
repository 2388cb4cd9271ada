"""What nextpnr leaves out of the delay of an iCE40's DSP block, and the paths that it would slow."""

from ..sdf import Delays

#: What nextpnr's model of an SB_MAC16's clock-to-output lacks, in ns: it has 0.1, icestorm's measured timing about 2.
DSP_DELAY = 2.0


def dsp_path(sdf: str) -> float:
    """Longest delay from a DSP block's clock to a register, with its setup time, in ns; 0 where there is no such path.

    Parameters
    ----------
    sdf : str
        Delays of the routed design as nextpnr's option --sdf writes them, in ps.
    """
    return Delays(sdf).from_block("ICESTORM_DSP")


def fmax(achieved: float, slowest: float) -> float:
    """MHz of a design, with the delay that nextpnr leaves out added to the paths that begin at a DSP block.

    Parameters
    ----------
    achieved : float
        MHz that nextpnr reports.
    slowest : float
        See `dsp_path`; in ns.
    """
    return min(achieved, 1000 / (slowest + DSP_DELAY)) if slowest else achieved
