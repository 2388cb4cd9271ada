"""A FuseSoC core file for the generated Verilog."""

import re
from importlib.metadata import version

from ffpga_golden import NetworkConfig

TEMPLATE = """CAPI=2:
# Made by `ffpga generate`; not to be edited.
name: ffpga:core:{name}:{version}
description: "Forward-Forward network that learns on the chip: {config}; {bus}"

filesets:
  rtl:
    files:
      - "{verilog}"
{include}    file_type: verilogSource

targets:
  default: &default
    filesets: [rtl]
    toplevel: ffpga

  lint:
    <<: *default
    description: Read it with Verilator
    flow: lint
    flow_options:
      tool: verilator
      verilator_options: [-Wno-lint, -Wno-style]
"""


def core_file(config: NetworkConfig, bus: str, verilog: str, header: str | None = None) -> str:
    """CAPI=2 description of files in the same folder.

    Parameters
    ----------
    config : NetworkConfig
    bus : str
        "bytes" or "axi".
    verilog : str
        Name of the Verilog. The core's is the same without its suffix, and `_` for what FuseSoC does not take in one.
    header : str, optional
        Name of a Verilog header, for those who build on the core.
    """
    return TEMPLATE.format(
        name=re.sub(r"[^A-Za-z0-9_-]", "_", verilog.rsplit(".", 1)[0]),
        version=version("ffpga"),
        config=config,
        bus={"bytes": "byte streams", "axi": "AXI4-Stream and AXI4-Lite"}[bus],
        verilog=verilog,
        include="" if header is None else f'      - "{header}": {{is_include_file: true}}\n',
    )
