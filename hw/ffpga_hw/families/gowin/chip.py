"""What boards and flow ask of a GW1N or GW2A."""

from collections.abc import Mapping
from dataclasses import dataclass

from ffpga_golden import NetworkConfig

from ..chip import Chip
from ..weight_memory import BLOCK_BITS, words_in
from .primitives import Gowin

#: Words and bits up to which a memory that is written is made of tables.
_SMALL_WORDS, _SMALL_BITS = 256, 9


@dataclass(frozen=True, kw_only=True)
class GowinChip(Chip):
    """A GW1N or GW2A: lanes in MULT18X18, weights in block RAM, of one port or two."""

    speed: str  #: speed grade
    die: str  #: as the packer calls it

    family = "gowin"
    primitives = Gowin()
    placer, packer = "nextpnr-himbaechel", "gowin_pack"
    constraints_ending = "cst"
    routed, bitstream = "placed.json", "top.fs"
    resources = {"cells": "LUT4", "bram": "BSRAM", "dsp": "MULT18X18"}
    scarce = {"DFF": "flip-flops", "RAM16SDP4": "tables as memory"}
    kinds = {
        "LUT": "tables",
        "DFF": "flip-flops",
        "ALU": "carries",
        "RAM16SDP": "memory",
        "SP": "block RAM",
        "SDP": "block RAM",
        "DP": "block RAM",
        "pROM": "block RAM",
        "MULT": "DSP",
    }

    def words_room(self, config: NetworkConfig) -> int:
        return words_in(self._bram_room(config), config.lanes * config.weight_bits)

    def memory(self, config: NetworkConfig) -> str:
        return f"{self._bram_room(config)} block RAMs of {BLOCK_BITS // 8192} KiB"

    def _bram_room(self, config: NetworkConfig) -> int:
        return self.bram - 10

    def script(self) -> str:
        """For a chip with few block RAMs, where a table holds four bits a clock.

        Tables hold what is never written, and what is small; all products that the core does not ask for as explicit
        cells (`primitives`) are of tables, too: they are of few bits. No read of a memory is used while its word is
        written, so nothing need be added for what it returns then.
        """
        synthesis = f"synth_gowin -family {self.die[:4].lower()} -no-rw-check -nodsp -top top"
        written, read_only = "t:$mem_v2 r:WR_PORTS>0 %i", "t:$mem_v2 r:WR_PORTS=0 %i"
        small = f"{written} r:SIZE<={_SMALL_WORDS // 2} %i {written} r:SIZE<={_SMALL_WORDS} %i r:WIDTH<={_SMALL_BITS} %i"
        styles = f'setattr -set ram_style "distributed" {small}; setattr -set ram_style "logic" {read_only}'
        return f"{synthesis} -run begin:map_ram; {styles}; {synthesis} -run map_ram:"

    def constraints(self, pins: Mapping[str, str], crystal_hz: float) -> str:
        lines = []
        for port, pin in pins.items():
            pull = " PULL_MODE=UP" if port == "rx" else ""
            lines += [f'IO_LOC "{port}" {pin};', f'IO_PORT "{port}" IO_TYPE=LVCMOS33{pull};']
        return "\n".join(lines) + "\n"

    def options(self, package: str) -> list[str]:
        return ["--device", f"{self.device}{package}{self.speed}", "--vopt", f"family={self.die}"]

    def constraining(self, constraints: str) -> list[str]:
        return ["--vopt", f"cst={constraints}"]

    def routing(self, routed: str) -> list[str]:
        return ["--sdf", "top.sdf"]

    def packing(self, routed: str, bitstream: str) -> list[str]:
        return ["--compress", "--device", self.die, "--output", bitstream, routed]
