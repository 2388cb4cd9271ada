"""What nextpnr leaves out of an iCE40's DSP blocks, and which paths it slows."""

import pytest

from ffpga_hw.boards.chips import UP5K
from ffpga_hw.families.ice40.dsp_delay import DSP_DELAY, dsp_path, fmax

#: A DSP whose sum goes through a table, and another output straight to a flip-flop; and a longer path without a DSP.
SDF = r"""(DELAYFILE
  (CELL
    (CELLTYPE "top")
    (INSTANCE )
    (DELAY
      (ABSOLUTE
        (INTERCONNECT lane.mac_DSP/O_1 a\$1_LC/I0 (2000:2000:2500) (1900:1900:1900))
        (INTERCONNECT a\$1_LC/O b_LC/I3 (1000:1000:1000) (1000:1000:1000))
        (INTERCONNECT lane.mac_DSP/O_0 b_LC/I0 (4000:4000:4000) (4000:4000:4000))
        (INTERCONNECT c_LC/O b_LC/I0 (15000:15000:15000) (15000:15000:15000))
      )))
  (CELL
    (CELLTYPE "ICESTORM_DSP")
    (INSTANCE lane.mac_DSP)
    (DELAY
      (ABSOLUTE
        (IOPATH CLK O_1 (100:100:100) (100:100:100))
        (IOPATH CLK O_0 (100:100:100) (100:100:100))
      )))
  (CELL
    (CELLTYPE "ICESTORM_LC")
    (INSTANCE a\$1_LC)
    (DELAY
      (ABSOLUTE
        (IOPATH I0 O (1200:1200:1200) (1285:1285:1285))
      )))
  (CELL
    (CELLTYPE "ICESTORM_LC")
    (INSTANCE b_LC)
    (DELAY
      (ABSOLUTE
        (IOPATH CLK O (1390:1390:1390) (1390:1390:1390))
      ))
    (TIMINGCHECK
      (SETUPHOLD (posedge I0) (posedge CLK) (1234:1234:1234) (0:0:0))
      (SETUPHOLD (posedge I3) (posedge CLK) (824:824:824) (0:0:0))
    ))
  (CELL
    (CELLTYPE "ICESTORM_LC")
    (INSTANCE c_LC)
    (DELAY
      (ABSOLUTE
        (IOPATH CLK O (1390:1390:1390) (1390:1390:1390))
      )))
)
"""


def test_the_dsp_delay_counts_on_paths_from_a_dsp_only(tmp_path):
    path = 0.1 + 2.5 + 1.285 + 1.0 + 0.824
    assert dsp_path(SDF) == pytest.approx(path)
    assert fmax(60.0, path) == 60.0, "17 ns elsewhere are slower than 7.7 ns from the DSP"
    assert fmax(160.0, path) == pytest.approx(1000 / (path + DSP_DELAY))
    (tmp_path / "top.sdf").write_text(SDF)
    assert UP5K.fmax(160.0, tmp_path) == (pytest.approx(1000 / (path + DSP_DELAY)), {"dsp_path_ns": 5.71})


def test_a_design_without_a_dsp():
    assert dsp_path(SDF.replace("ICESTORM_DSP", "ICESTORM_RAM")) == 0 and fmax(160.0, 0.0) == 160.0
