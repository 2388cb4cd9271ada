"""What boards and flow ask of an ECP5."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ffpga_golden import NetworkConfig

from ..chip import Chip
from ..weight_memory import words_in
from .primitives import Ecp5

#: Words and bits of a block RAM as synthesis uses it for a one-port memory: 512 of 36 bits, 4 for parity.
_DEPTH, _WIDTH = 512, 32

#: Words up to which a memory that is written is made of tables, and those up to which one of so few bits is.
_SMALL, _SMALL_NARROW, _NARROW = 256, 512, 9


@dataclass(frozen=True, kw_only=True)
class Ecp5Chip(Chip):
    """An ECP5: lanes in MULT18X18D, weights in block RAM, of one port or two."""

    speed: str  #: speed grade

    family = "ecp5"
    primitives = Ecp5()
    placer, packer = "nextpnr-ecp5", "ecppack"
    constraints_ending = "lpf"
    routed, bitstream = "top.config", "top.bit"
    bare_option = "--lpf-allow-unconstrained"
    resources = {"cells": ("TRELLIS_COMB",), "bram": ("DP16KD",), "dsp": ("MULT18X18D",)}
    scarce = {"TRELLIS_FF": "flip-flops"}
    kinds = {
        "LUT4": "tables",
        "TRELLIS_FF": "flip-flops",
        "CCU2C": "carries",
        "TRELLIS_DPR16X4": "memory",
        "DP16KD": "block RAM",
        "MULT18X18D": "DSP",
    }

    def words_room(self, config: NetworkConfig) -> int:
        word, room = config.lanes * config.weight_bits, self._bram_room(config)
        if config.memory_ports == 1:
            return room // -(-word // _WIDTH) * _DEPTH
        return words_in(room, word)

    def memory(self, config: NetworkConfig) -> str:
        return f"{self._bram_room(config)} block RAMs of {_DEPTH * _WIDTH // 8192} KiB"

    def _bram_room(self, config: NetworkConfig) -> int:
        """Block RAMs that are left for weights: 8 and 3 in 8 lanes go to lists, frames and lanes.

        Synthesis used fewer: 3 for 784-64-64 with 16 lanes, 6 for 784-256-256 with 32.
        """
        return self.bram - 8 - 3 * config.lanes // 8

    def script(self) -> str:
        """For a chip whose block RAM takes 5.8 ns to its output, where the register is not inferred.

        So small memories are made of tables, with flip-flops at the output, and all products that the core does not ask
        for as explicit cells (`primitives`) of tables, too: they are of few bits.
        """
        synthesis = "synth_ecp5 -no-rw-check -nodsp -top top"
        written = "t:$mem_v2 r:WR_PORTS>0 %i"
        small = f"{written} r:SIZE<={_SMALL} %i {written} r:SIZE<={_SMALL_NARROW} %i r:WIDTH<={_NARROW} %i"
        return (
            f'{synthesis} -run begin:map_ram; setattr -set ram_style "distributed" {small}; {synthesis} -run map_ram:'
        )

    def constraints(
        self,
        pins: Mapping[str, str],
        clocks: Mapping[str, float],
        *,
        rest: Mapping[str, int],
        low: Collection[str] = (),
    ) -> str:
        lines = []
        for port, pin in pins.items():
            pull = {1: " PULLMODE=UP", 0: " PULLMODE=DOWN", None: ""}[rest.get(port)]
            level = "LVCMOS18" if port in low else "LVCMOS33"
            lines += [f'LOCATE COMP "{port}" SITE "{pin}";', f'IOBUF PORT "{port}" IO_TYPE={level}{pull};']
        lines += [f'FREQUENCY PORT "{port}" {hertz / 1e6:g} MHZ;' for port, hertz in clocks.items()]
        return "\n".join(lines) + "\n"

    def routing(self, routed: str) -> list[str]:
        return ["--textcfg", routed, "--speed", self.speed]

    def packing(self, routed: str, bitstream: str) -> list[str]:
        return ["--compress", routed, bitstream]
