"""What boards and flow ask of an FPGA: a family is a subclass of `Chip`, and a chip is one of its values."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from ffpga_golden import NetworkConfig

from ..engine.lanes.primitives import Portable


@dataclass(frozen=True, kw_only=True)
class Chip(ABC):
    """What an FPGA has, in the words of its place-and-route tool; its class says what its family does its own way."""

    name: str
    device: str  #: option of nextpnr
    cells: int  #: logic cells: a 4-input table and a flip-flop; on an ECP5, tables
    bram: int  #: block RAMs
    dsp: int  #: multipliers
    spram: int = 0  #: blocks of 32 KiB

    family: ClassVar[str]  #: its name
    primitives: ClassVar[Portable]  #: blocks to build the core of; see `ffpga_hw.engine.primitives`

    placer: ClassVar[str]  #: tool that places and routes
    packer: ClassVar[str]  #: tool that makes the bitstream
    constraints_ending: ClassVar[str]  #: of the file of pins
    routed: ClassVar[str]  #: file from the placer to the packer
    bitstream: ClassVar[str]  #: file from the packer
    bare_option: ClassVar[str] = ""  #: lets ports have no pin of their choice; "" if packages have too few for a core's

    #: Figure (`cells`, `bram`, `dsp`, `spram`) and the placer's names of such cells, which take the same places.
    resources: ClassVar[Mapping[str, tuple[str, ...]]]
    #: What else can run out: the placer's name of such a cell, and a user's.
    scarce: ClassVar[Mapping[str, str]] = {}
    #: Cells of a netlist, by what their type begins with, and what they are counted as.
    kinds: ClassVar[Mapping[str, str]]
    #: Files that yosys's script reads, by name.
    maps: ClassVar[Mapping[str, str]] = {}

    @property
    def called(self) -> str:
        """Its name with an article."""
        return f"{'an' if self.name[0] in 'iL' else 'a'} {self.name}"

    # Weights ----------------------------------------------------------------------------------------------------------
    def check_memory(self, config: NetworkConfig, where: str) -> None:
        """ValueError where the weight memory cannot be of a configuration's ports or word; `where` names the board."""
        return None

    @abstractmethod
    def words_room(self, config: NetworkConfig) -> int:
        """Most words that the weight memory can have, with a configuration's lanes and bits."""

    @abstractmethod
    def memory(self, config: NetworkConfig) -> str:
        """What the weight memory is made of: how many blocks of which size."""

    # Tools ------------------------------------------------------------------------------------------------------------
    @abstractmethod
    def script(self) -> str:
        """Commands of yosys from Verilog that was read to a netlist."""

    def faults(self, cells: Mapping[str, Any]) -> Iterator[str]:
        """What synthesis changed of the vendor cells that the core asked for, from the netlist's cells by name."""
        return iter(())

    @abstractmethod
    def constraints(
        self,
        pins: Mapping[str, str],
        clocks: Mapping[str, float],
        *,
        rest: Mapping[str, int],
        low: Collection[str] = (),
    ) -> str:
        """The file of pins, and of the frequencies of clocks at ports.

        Parameters
        ----------
        pins : mapping
            Pin of each port.
        clocks : mapping
            Hertz at ports.
        rest : mapping
            Level of ports that nothing may drive.
        low : collection of str
            Ports whose pins are of 1.8 V, where the others are of 3.3 V.
        """

    def options(self, package: str) -> list[str]:
        """The placer's arguments that name chip and package."""
        return [f"--{self.device}", "--package", package]

    def constraining(self, constraints: str) -> list[str]:
        """The placer's arguments that name the file of pins."""
        return [f"--{self.constraints_ending}", constraints]

    @abstractmethod
    def routing(self, routed: str) -> list[str]:
        """The placer's arguments for what a run of all of it needs besides, such as its output."""

    @abstractmethod
    def packing(self, routed: str, bitstream: str) -> list[str]:
        """Arguments of the packer."""

    def fmax(self, achieved: float, folder: Path) -> tuple[float, dict[str, float]]:
        """MHz of a placed design, and figures of what was corrected.

        Parameters
        ----------
        achieved : float
            MHz as nextpnr reports them.
        folder : Path
            Where the placer ran.
        """
        return achieved, {}
