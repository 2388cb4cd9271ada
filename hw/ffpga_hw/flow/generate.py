"""Files of the core: its Verilog, and what describes it beside it."""

from pathlib import Path

from ffpga_golden import NetworkConfig

from ..package.fusesoc import core_file
from ..package.headers import c_header, verilog_header
from ..package.litex import litex_module
from ..package.markdown import markdown
from .verilog import generate_verilog

#: What may stand between the engine and the world: the link's byte streams, or AXI4-Stream and AXI4-Lite.
BUSES = ("bytes", "axi")


def generate(config: NetworkConfig, path: Path, bus: str = "bytes") -> dict[str, Path]:
    """Write the core and what describes it, in one folder.

    Parameters
    ----------
    config : NetworkConfig
    path : Path
        Of the Verilog. The others have the same name with another ending.
    bus : str
        "bytes" or "axi".

    Returns
    -------
    dict of Path
        `verilog`; `configuration`, JSON; `core`, a FuseSoC core file; `litex`, a LiteX module; with the bus "axi" also
        `header` and `verilog_header`, and `registers`, the map in Markdown.
    """
    if bus not in BUSES:
        raise ValueError(f"bus must be one of {', '.join(BUSES)}, not {bus!r}")
    path = Path(path)

    def beside(ending: str) -> Path:
        return path.with_name(path.stem + ending)

    headers = {
        "header": (beside("_registers.h"), c_header(config)),
        "verilog_header": (beside("_registers.vh"), verilog_header(config)),
        "registers": (beside("_registers.md"), markdown(config)),
    }
    headers = headers if bus == "axi" else {}
    include = headers["verilog_header"][0].name if headers else None
    texts = {
        "verilog": (path, generate_verilog(config, bus=bus)),
        "configuration": (beside(".json"), config.to_json() + "\n"),
        "core": (beside(".core"), core_file(config, bus, path.name, include)),
        "litex": (beside("_litex.py"), litex_module(config, bus, path.name)),
        **headers,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    for place, text in texts.values():
        place.write_text(text)
    return {kind: place for kind, (place, _) in texts.items()}
