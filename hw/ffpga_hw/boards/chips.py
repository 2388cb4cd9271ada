"""The chips on the boards.

Sources: Lattice DS1056 (iCE40 UltraPlus) and FPGA-DS-02012 (ECP5), Gowin DS117 (GW1NR), DS226 (GW2AR)
and DS1103 (GW5A).
"""

from ..families.ecp5 import Ecp5Chip
from ..families.gowin import GowinChip, Gw5aChip
from ..families.ice40 import Ice40Chip

UP5K = Ice40Chip(name="iCE40UP5K", device="up5k", cells=5280, bram=30, dsp=8, spram=4)
LFE5U_25F = Ecp5Chip(name="LFE5U-25F", device="25k", cells=24288, bram=56, dsp=28, speed="6")
LFE5U_45F = Ecp5Chip(name="LFE5U-45F", device="45k", cells=43848, bram=108, dsp=72, speed="6")
LFE5U_85F = Ecp5Chip(name="LFE5U-85F", device="85k", cells=83640, bram=208, dsp=156, speed="6")
LFE5UM5G_85F = Ecp5Chip(name="LFE5UM5G-85F", device="um5g-85k", cells=83640, bram=208, dsp=156, speed="8")
GW1NR_9 = GowinChip(name="GW1NR-9", device="GW1NR-LV9", die="GW1N-9C", cells=8640, bram=26, dsp=20, speed="C6/I5")
GW2AR_18 = GowinChip(name="GW2AR-18", device="GW2AR-LV18", die="GW2A-18C", cells=20736, bram=46, dsp=48, speed="C8/I7")
GW5A_25 = Gw5aChip(name="GW5A-25", device="GW5A-LV25", die="GW5A-25A", cells=23040, bram=56, dsp=28, speed="C1/I0")
