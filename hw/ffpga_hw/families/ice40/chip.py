"""What boards and flow ask of an iCE40 UltraPlus."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ffpga_golden import NetworkConfig

from ..chip import Chip
from .dsp_delay import dsp_path, fmax
from .primitives import MAC16, SPRAM_DEPTH, SPRAM_WIDTH, Ice40

#: Clock pin of a vendor cell.
_CLOCKS = {"SB_MAC16": "CLK", "SB_SPRAM256KA": "CLOCK"}
#: Pins of an SPRAM that must be constant: chosen, awake, and powered (POWEROFF is active low).
_SPRAM = {"CHIPSELECT": "1", "STANDBY": "0", "SLEEP": "0", "POWEROFF": "1"}
#: Bits of the widest adder that is made without a chain of carries.
_TABLES_ADD = 5
#: Delays of the routed design.
_DELAYS = "top.sdf"


@dataclass(frozen=True, kw_only=True)
class Ice40Chip(Chip):
    """An iCE40 UltraPlus: lanes in SB_MAC16, weights in SPRAM, which has one port."""

    family = "ice40"
    primitives = Ice40()
    placer, packer = "nextpnr-ice40", "icepack"
    constraints_ending = "pcf"
    routed, bitstream = "top.asc", "top.bin"
    resources = {
        "cells": ("ICESTORM_LC",),
        "bram": ("ICESTORM_RAM",),
        "dsp": ("ICESTORM_DSP",),
        "spram": ("ICESTORM_SPRAM",),
    }
    kinds = {
        "SB_LUT4": "tables",
        "SB_DFF": "flip-flops",
        "SB_CARRY": "carries",
        "SB_RAM40_4K": "block RAM",
        "SB_MAC16": "DSP",
        "SB_SPRAM256KA": "SPRAM",
    }

    def check_memory(self, config: NetworkConfig, where: str) -> None:
        if config.memory_ports != 1:
            raise ValueError(
                f"memory_ports must be 1 on {where}, not {config.memory_ports}: an {self.name}'s SPRAM has one port"
            )
        most = self.spram * SPRAM_WIDTH
        if config.lanes * config.weight_bits > most:
            raise ValueError(
                f"a word must be at most {most} bits on {where}, not {config.lanes} lanes x "
                f"{config.weight_bits} bits: take {most // config.weight_bits} lanes"
            )

    def words_room(self, config: NetworkConfig) -> int:
        return self.spram // -(-config.lanes * config.weight_bits // SPRAM_WIDTH) * SPRAM_DEPTH

    def memory(self, config: NetworkConfig) -> str:
        return f"{self.spram} SPRAMs of {SPRAM_DEPTH * SPRAM_WIDTH // 8192} KiB"

    def script(self) -> str:
        """Without -dsp, which would rewrite explicit SB_MAC16.

        No read of a memory is used while its word is written, so nothing need be added for what it returns then. A
        clock enable or reset for one flip-flop alone costs a table and a hop of routing that its own table can save.
        Adders of few bits are made of tables: a chain of carries takes a cell to begin with, and often one to end.
        ABC's script `flow` maps three times, each time from what it found before.
        A hop takes 1,800 to 4,800 ps; with yosys's own 750 rows of tables look quicker than they are beside chains.
        """
        synthesis = "synth_ice40 -device u -abc9 -no-rw-check -top top"
        adders = f"techmap -map +/techmap.v t:$alu r:Y_WIDTH<={_TABLES_ADD} %i"
        kinds = ["$_DFF_?_", "$_DFFE_?P_", "$_DFF_?P?_", "$_DFFE_?P?P_", "$_SDFF_?P?_", "$_SDFFCE_?P?P_"]
        cells = " ".join(f"-cell {kind} 0" for kind in kinds)
        flip_flops = (
            f"dfflegalize {cells} -cell $_DLATCH_?_ x -mince 2 -minsrst 2; techmap -map +/ice40/ff_map.v; "
            "opt_expr -mux_undef; simplemap; ice40_opt -full"
        )
        mapping = "scratchpad -copy abc9.script.flow abc9.script; scratchpad -set synth_ice40.abc9.W 3000"
        return (
            f"{mapping}; {synthesis} -run begin:map_gates; {adders}; {synthesis} -run map_gates:map_ffs; "
            f"{flip_flops}; {synthesis} -run map_luts:"
        )

    def faults(self, cells: Mapping[str, Any]) -> Iterator[str]:
        """A DSP or SPRAM block that is not what the core asked for.

        Synthesis may rewrite explicit SB_MAC16 (yosys's option -dsp does): only the netlist shows it.
        """
        plls = (cell for cell in cells.values() if cell["type"].startswith("SB_PLL40_"))
        clocks = {cell["connections"]["PLLOUTGLOBAL"][0] for cell in plls}
        for name, cell in cells.items():
            kind = cell["type"]
            if kind not in _CLOCKS:
                continue
            pins = cell["connections"]
            clock = pins.get(_CLOCKS[kind], [None])[0]
            if clock not in clocks:
                yield f"{kind} {name} must be clocked by the PLL, not by net {clock!r}: synthesis changed it"
            if kind == "SB_MAC16":
                for parameter, (value, _) in MAC16.items():
                    found = cell["parameters"].get(parameter, "0")
                    if int(str(found), 2) != value:
                        yield (
                            f"{kind} {name} must have {parameter} = {value:b}, not {found}: synthesis changed it, "
                            "run it without -dsp"
                        )
            else:
                for pin, level in _SPRAM.items():
                    if pins.get(pin, [None])[0] != level:
                        yield f"{kind} {name} must have {pin} = {level}, not {pins.get(pin)}"

    def constraints(
        self,
        pins: Mapping[str, str],
        clocks: Mapping[str, float],
        *,
        rest: Mapping[str, int],
        low: Collection[str] = (),
    ) -> str:
        """Its pins are of what their bank is supplied with, and rest high or open."""
        lines = [f"set_io {'-pullup yes ' if rest.get(port) else ''}{port} {pin}" for port, pin in pins.items()]
        lines += [f"set_frequency {port} {hertz / 1e6:g}" for port, hertz in clocks.items()]
        return "\n".join(lines) + "\n"

    def routing(self, routed: str) -> list[str]:
        return ["--asc", routed, "--sdf", _DELAYS]

    def packing(self, routed: str, bitstream: str) -> list[str]:
        return [routed, bitstream]

    def fmax(self, achieved: float, folder: Path) -> tuple[float, dict[str, float]]:
        """With what nextpnr leaves out of the DSP's delay, on the paths that begin there.

        Their slowest without it, in ns, is `dsp_path_ns`.
        """
        slowest = dsp_path((folder / _DELAYS).read_text())
        return fmax(achieved, slowest), {"dsp_path_ns": round(slowest, 2)}
