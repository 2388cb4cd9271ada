"""What boards and flow ask of a GW1N or GW2A."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from ffpga_golden import NetworkConfig
from ffpga_golden.config import ACTIVITY_BITS
from ffpga_golden.timing import scored_together

from ...engine.signatures.sizes import activity_slots, paired, scratch_bits
from ..chip import Chip
from ..sdf import Delays
from ..weight_memory import BLOCK_BITS, words_in
from .primitives import Gowin

#: Bits of a word in the narrower form of a block RAM.
_NARROW = 9

#: What nextpnr's model of a multiplier lacks on each side of it, in ns: it has nothing. No source says what it is; this
#: is what a GW1N's block RAM takes to its output, without its register.
DSP_DELAY = 3.5

#: Tables as ones of four inputs, the only ones whose delay nextpnr knows: it has no path through the others.
_TABLES = "".join(
    f"""module LUT{n}(output F, input {", ".join(f"I{i}" for i in range(n))});
    parameter [{(1 << n) - 1}:0] INIT = 0;
    LUT4 #(.INIT({{{16 >> n}{{INIT}}}})) _TECHMAP_REPLACE_ (.F(F), {", ".join(f".I{i}(I{i})" for i in range(n))});
endmodule
"""
    for n in (1, 2, 3)
)


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
    multiplier: ClassVar[str] = "MULT18X18"  #: as nextpnr calls it
    #: Words up to which a memory that is written is made of tables, and those up to which one of up to 9 bits is.
    small: ClassVar[int] = 128
    small_narrow: ClassVar[int] = 512
    #: Block RAMs for samples, lists and payloads, and what else is not small, besides activities and the lanes' own.
    others: ClassVar[int] = 4
    resources = {"cells": ("LUT4", "ALU"), "bram": ("BSRAM",), "dsp": (multiplier,)}
    scarce = {"DFF": "flip-flops", "RAM16SDP4": "memories of tables"}
    kinds = {
        "LUT": "tables",
        "DFF": "flip-flops",
        "ALU": "carries",
        "RAM16SDP": "memory",
        "SP": "block RAM",
        "SDP": "block RAM",
        "DP": "block RAM",
        "MULT": "DSP",
    }
    maps = {"tables.v": _TABLES}

    def words_room(self, config: NetworkConfig) -> int:
        return words_in(self._bram_room(config), config.lanes * config.weight_bits)

    def memory(self, config: NetworkConfig) -> str:
        return f"{self._bram_room(config)} block RAMs of {BLOCK_BITS // 8192} KiB"

    def _bram_room(self, config: NetworkConfig) -> int:
        """Block RAMs that are left for weights."""
        shared = 2 if paired(config) else 1
        scratch = config.lanes // shared * self.blocks(shared << scratch_bits(config), 16)
        together = scored_together(config)
        places = activity_slots(config) * max(config.groups) * config.lanes // together
        return max(0, self.bram - self.others - scratch - together * self.blocks(places, ACTIVITY_BITS))

    def blocks(self, words: int, bits: int) -> int:
        """Block RAMs of 18 Kibit that synthesis takes for a memory, words of 9 or 18 bits; 0: it takes tables."""
        if words <= self.small or (words <= self.small_narrow and bits <= _NARROW):
            return 0
        return min(-(-bits // wide) * -(-words // deep) for deep, wide in ((2048, 9), (1024, 18)))

    def script(self) -> str:
        """For a chip of few block RAMs, or without memories of tables.

        Tables hold what is never written, and what is small where they can; all products that the core does not ask
        for as explicit cells (`primitives`) are of tables, too: they are of few bits. No read of a memory is used while
        its word is written, so nothing need be added for what it returns then.
        """
        synthesis = f"synth_gowin -family {self.die.partition('-')[0].lower()} -no-rw-check -nodsp -top top"
        written = "t:$mem_v2 r:WR_PORTS>0 %i"
        small = f"{written} r:SIZE<={self.small} %i {written} r:SIZE<={self.small_narrow} %i r:WIDTH<={_NARROW} %i"
        styles = (
            f'setattr -set ram_style "block" {written}; setattr -set ram_style "distributed" {small}; '
            'setattr -set ram_style "logic" t:$mem_v2 r:WR_PORTS=0 %i'
        )
        return f"{synthesis} -run begin:map_ram; {styles}; {synthesis} -run map_ram:; techmap -map tables.v; clean"

    def constraints(
        self,
        pins: Mapping[str, str],
        clocks: Mapping[str, float],
        *,
        rest: Mapping[str, int],
        low: Collection[str] = (),
    ) -> str:
        """Without frequencies, which this format has no word for; the core's clock is an option."""
        lines = []
        for port, pin in pins.items():
            pull = {1: " PULL_MODE=UP", 0: " PULL_MODE=DOWN", None: ""}[rest.get(port)]
            level = "LVCMOS18" if port in low else "LVCMOS33"
            lines += [f'IO_LOC "{port}" {pin};', f'IO_PORT "{port}" IO_TYPE={level}{pull};']
        return "\n".join(lines) + "\n"

    def options(self, package: str) -> list[str]:
        return ["--device", f"{self.device}{package}{self.speed}", "--vopt", f"family={self.die}"]

    def constraining(self, constraints: str) -> list[str]:
        return ["--vopt", f"cst={constraints}"]

    def routing(self, routed: str) -> list[str]:
        """The routed design is what `--write` gives."""
        return ["--sdf", "top.sdf"]

    def packing(self, routed: str, bitstream: str) -> list[str]:
        return ["--device", self.die, "--output", bitstream, routed]

    def fmax(self, achieved: float, folder: Path) -> tuple[float, dict[str, float]]:
        """With `DSP_DELAY` on the paths that begin or end at a multiplier.

        Their slowest without it, in ns, is `dsp_path_ns`.
        """
        delays = Delays((folder / "top.sdf").read_text())
        slowest = max(delays.from_block(self.multiplier), delays.to_block(self.multiplier))
        corrected = min(achieved, 1000 / (slowest + DSP_DELAY)) if slowest else achieved
        return corrected, {"dsp_path_ns": round(slowest, 2)}
