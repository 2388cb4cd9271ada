"""A LiteX SoC whose VexRiscv trains the core over AXI, by a program in C, with interrupts: built and simulated.

`python hw/examples/litex/soc.py` writes core, SoC and program into build/litex, simulates them with Verilator, and
prints what the processor says. It needs `pip install 'ffpga[sim]' litex==2024.12 pythondata-cpu-vexriscv`, a C++
compiler, and a compiler for the processor: `apt-get install gcc-riscv64-unknown-elf`.
"""

import importlib.util
import logging
import subprocess
import sys
from pathlib import Path

import litex
from litex.build.generic_platform import Pins, Subsignal
from litex.build.io import CRG
from litex.build.sim import SimPlatform
from litex.soc.cores.cpu.vexriscv import core as vexriscv
from litex.soc.integration import export
from litex.soc.integration.common import get_mem_data
from litex.soc.integration.soc import SoCRegion
from litex.soc.integration.soc_core import SoCCore

from ffpga_golden.config import NetworkConfig
from ffpga_hw.flow.generate import generate
from ffpga_sim.tools import find_compiler, find_verilator

HERE = Path(__file__).parent
NETWORK = NetworkConfig(features=16, classes=2, layers=(16,), lanes=8)
GCC = "riscv64-unknown-elf-gcc"
FLAGS = ["-march=rv32im_zicsr", "-mabi=ilp32", "-Os", "-ffreestanding", "-fno-builtin", "-nostdlib", "-Wall", "-Werror"]
STREAM = (("valid", 1), ("ready", 1), ("data", 8))
PINS = [
    ("sys_clk", 0, Pins(1)),
    ("serial", 0, *(Subsignal(f"{way}_{name}", Pins(n)) for way in ("source", "sink") for name, n in STREAM)),
]


class SoC(SoCCore):
    """A processor with its memories and a serial line, which is bytes in a simulation; and the core on its bus."""

    def __init__(self, platform, module):
        self.crg = CRG(platform.request("sys_clk"))
        super().__init__(
            platform, clk_freq=int(50e6), cpu_type="vexriscv", cpu_variant="standard", uart_name="sim",
            integrated_rom_size=0x4000, integrated_sram_size=0x2000, ident="", ident_version=False,
        )  # fmt: skip
        self.network = module.FFPGA(platform)
        # Within the processor's I/O, which its caches leave alone.
        region = SoCRegion(origin=0x8000_0000, size=0x100, cached=False)
        self.bus.add_slave("network", self.network.bus, region)
        self.irq.add("network")


def loaded(path):
    """The module that `ffpga generate` has written."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def compile_program(soc, out):
    """The program for this SoC as the words of its ROM."""
    made = out / "generated"
    made.mkdir(exist_ok=True)
    (made / "csr.h").write_text(
        export.get_csr_header(soc.csr.regions, soc.constants, csr_base=soc.mem_regions["csr"].origin)
    )
    (made / "mem.h").write_text(export.get_mem_header(soc.mem_regions))
    (made / "soc.h").write_text(export.get_soc_header(soc.constants))
    (made / "regions.ld").write_text(export.get_linker_regions(soc.mem_regions))
    cpu, headers = Path(vexriscv.__file__).parent, Path(litex.__file__).parent / "soc" / "software" / "include"
    words = [GCC, *FLAGS, *(f"-I{path}" for path in (out, cpu, headers)), f"-L{out}", "-T", HERE / "linker.ld"]
    run([*words, cpu / "crt0.S", HERE / "main.c", "-o", out / "main.elf"])
    run([GCC.replace("gcc", "objcopy"), "-O", "binary", out / "main.elf", out / "main.bin"])
    return get_mem_data(str(out / "main.bin"), endianness="little")


def run(command, **options):
    """Runs a program; what it says is shown where it fails."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if done.returncode:
        sys.exit(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def build(out):
    """Makes core, SoC, program and simulation; returns the simulation's path."""
    logging.disable(logging.INFO)  # LiteX tells all that it makes
    out.mkdir(parents=True, exist_ok=True)
    core = generate(NETWORK, out / "ffpga.v", "axi")
    platform = SimPlatform("SIM", list(PINS))
    soc = SoC(platform, loaded(core["litex"]))
    soc.finalize()
    soc.init_rom("rom", compile_program(soc, out), auto_size=False)
    verilog = platform.get_verilog(soc, name="soc")
    for name, text in {"soc.v": verilog.main_source, **verilog.data_files}.items():
        (out / name).write_text(text)
    simulate(out, [path for path, *_ in platform.sources])
    return out / "simulation"


def simulate(out, sources):
    """The SoC as a program of this computer: Verilator, then the C++ compiler, all in one unit."""
    verilator = find_verilator()
    quiet = ["-Wno-fatal", "-Wno-lint", "-Wno-style", "-Wno-COMBDLY", "--no-timing", "--noassert"]
    words = [verilator.command, "--cc", "-O3", *quiet, "--x-assign", "fast", "--x-initial", "fast", "--prefix", "Vsoc"]
    run([*words, "--Mdir", out / "model", "--top-module", "soc", out / "soc.v", *sources], env=verilator.environment)
    include = verilator.root / "include"
    parts = [*sorted((out / "model").glob("*.cpp")), include / "verilated.cpp", include / "verilated_threads.cpp"]
    (out / "all.cc").write_text("".join(f'#include "{path}"\n' for path in (*parts, HERE / "main.cpp")))
    folders = [f"-I{path}" for path in (out / "model", include, include / "vltstd")]
    run([find_compiler(), "-std=c++17", "-O0", "-w", *folders, out / "all.cc", "-pthread", "-o", out / "simulation"])


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "build/litex").absolute()
    print(run([build(folder)], cwd=folder), end="")
