"""Weight memories of a family's own blocks: what they have in common."""

from abc import abstractmethod
from typing import ClassVar

from amaranth import Cat, Const, Instance, Module, Signal, Value
from amaranth.lib import wiring

from ffpga_golden import NetworkConfig

from ..delay import delayed
from ..engine.signatures.lanes import WeightMemoryPort

#: Bits of a word, without parity, in each shape that a block RAM of 16 Kibit has here; it then has 16,384 / bits words.
SHAPES = (2, 4, 8, 16)
BLOCK_BITS = 1 << 14
SMALLEST_BANK = BLOCK_BITS // SHAPES[-1]  #: words
ADDRESS_BITS = (BLOCK_BITS - 1).bit_length()  #: of a block's port, whose lowest bits tell the parts of 16 bits


class OwnWeightMemory(wiring.Component):
    """`WeightMemory` in blocks of one family, which have so many ports.

    Parameters
    ----------
    config : NetworkConfig

    Raises
    ------
    ValueError
        The configuration's memory has another number of ports.
    """

    family: ClassVar[str]  #: as a user knows it
    memory_ports: ClassVar[tuple[int, ...]]  #: of a configuration that it can be of

    def __init__(self, *, config: NetworkConfig) -> None:
        if config.memory_ports not in self.memory_ports:
            raise ValueError(
                f"memory_ports must be {' or '.join(map(str, self.memory_ports))} for an {self.family}'s own weight "
                f"memory, not {config.memory_ports}"
            )
        self._config = config
        super().__init__(WeightMemoryPort(config).flip())


class BankedWeightMemory(OwnWeightMemory):
    """`WeightMemory` in block RAMs of 16 Kibit that write through one port and read through another.

    A bank is a row of blocks of one shape. The deeper the shape, the fewer banks have to meet behind the blocks: 8,192
    words take blocks of 8,192 x 2 bits, and as many of them as any other shape would. With two ports the blocks' output
    registers are used, and another one where the banks meet; with one, neither.
    """

    @abstractmethod
    def block(
        self,
        bits: int,
        *,
        enable: Value,
        write_address: Value,
        write_data: Value,
        read_address: Value,
        read_data: Value,
    ) -> Instance:
        """A block RAM of words of `bits`, of the configuration's ports; `enable` has a bit a byte, or the only one."""

    def elaborate(self, platform: object) -> Module:
        m = Module()
        config, ports = self._config, self._config.memory_ports
        width, lane_bytes = config.lanes * config.weight_bits, config.weight_bits // 8
        read = Signal.like(self.read_address, reset_less=True)
        write = Signal.like(self.write_address, reset_less=True)
        data = Signal.like(self.write_data, reset_less=True)
        m.d.sync += [read.eq(self.read_address), write.eq(self.write_address)]
        m.d["sync" if ports == 2 else "comb"] += data.eq(self.write_data)
        shapes = banks(config.words)
        index = Signal(range(max(2, len(shapes))))  # bank of the address that is read
        first, words = 0, []
        for number, bits in enumerate(shapes):
            place = range((BLOCK_BITS // bits - 1).bit_length())
            low, high = read[: place.stop], self.write_address[place.stop :]
            enable = Signal(config.lanes, name=f"enable{number}")
            here = Signal(name=f"here{number}")
            m.d.comb += here.eq(1 if len(shapes) == 1 else high == first >> place.stop)
            m.d.sync += enable.eq(self.write_enable & here.replicate(config.lanes))
            with m.If(read[place.stop :] == first >> place.stop):
                m.d.comb += index.eq(number)
            by_byte = Cat(bit.replicate(lane_bytes) for bit in enable)
            word = Signal(width, name=f"word{number}")
            for start in range(0, width, bits):
                m.submodules[f"block{number}_{start // bits}"] = self.block(
                    bits,
                    enable=by_byte[start // 8 : -(-min(start + bits, width) // 8)],
                    write_address=write[: place.stop],
                    write_data=data[start : start + bits],
                    read_address=low,
                    read_data=word[start : start + bits],
                )
            words.append(word)
            first += 1 << place.stop
        found = Signal.like(self.read_data, reset_less=True)
        with m.Switch(delayed(m, index, ports)[ports]):
            for number, word in enumerate(words):
                with m.Case(number):
                    m.d["sync" if ports == 2 else "comb"] += found.eq(word)
        m.d.comb += self.read_data.eq(found)
        return m


def pin_address(below: Value, above: Value) -> Value:
    """A port's address pins: a word's address above those that tell its parts, or enable its bytes."""
    return Cat(below, above, Const(0, ADDRESS_BITS - len(below) - len(above)))


def banks(words: int) -> list[int]:
    """Bits of a word in the blocks of each bank that some words take, from the first address on: deep banks first."""
    left = -(-words // SMALLEST_BANK)
    found = []
    for bits in SHAPES:
        depth = SHAPES[-1] // bits
        count = left // depth if bits == SHAPES[0] else min(1, left // depth)
        found += [bits] * count
        left -= count * depth
    return found


def block_count(words: int, bits: int) -> int:
    """Block RAMs of a weight memory of some words and their bits."""
    return sum(-(-bits // shape) for shape in banks(words))


def words_in(blocks: int, bits: int) -> int:
    """Most words of some bits that some block RAMs hold."""
    sizes = range(0, BLOCK_BITS * blocks // bits + 1, SMALLEST_BANK)
    return max(words for words in sizes if block_count(words, bits) <= blocks)
