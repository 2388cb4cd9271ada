"""The look-up of tiles: which entries of a list a group walks next."""

from amaranth import Array, Cat, Module, Mux, Signal, signed
from amaranth.lib import data, memory, wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import NetworkConfig
from ffpga_golden.timing import tile_latency

from .signatures import TileEntry, TileLengths
from .sizes import index_bits, place_bits

#: What is told of the next tile.
TOLD = ("found", "start", "count", "none", "one", "last", "fresh", "place")


class TileLookup(wiring.Component):
    """Goes through the fields of all groups, a tile a clock, up to the next tile that has entries or is a group's last.

    It stands there until that is taken. While no walk runs it stands before the first tile of the layer at hand, which
    it finds 2 clocks after the walk's start if there are entries, later by `tile_latency` with two ports.

    Parameters
    ----------
    config : NetworkConfig
    entry : TileEntry
        What is known of a tile.
    """

    def __init__(self, *, config: NetworkConfig, entry: TileEntry) -> None:
        self._config = config
        self._index = max(index_bits(config, layer) for layer, fields in enumerate(config.fields) if fields)
        super().__init__(
            {
                "layer": In(2),
                "length": In(11),  #: entries of the list
                "next": Out(TileLengths(config)),  #: all but the length and whether there are fields
                "tile": Out(self._index),  #: tile to look up
                "go": Out(1),  #: the memory of tiles is to be read
                "entry": In(entry),  #: what is known of it, a clock later, if it was read then
            }
        )

    def _rows(self) -> tuple[data.StructLayout, list[dict[str, int]], list[int]]:
        """The table of all groups' tiles, and where each layer's begin."""
        config = self._config
        rows: list[dict[str, int]] = []
        bases = []
        for layer, fields in enumerate(config.fields):
            bases.append(len(rows) if fields else 0)
            if not fields:
                continue
            repeat = config.groups[layer] // len(fields.blocks)
            for number, block in enumerate(fields.blocks):
                for group in range(repeat):
                    for place, tile in enumerate(block):
                        fresh = int(number > 0 and group == 0)
                        rows.append({"tile": tile, "last": int(place == fields.size - 1), "fresh": fresh})
        return data.StructLayout({"tile": self._index, "last": 1, "fresh": 1}), rows, bases

    def elaborate(self, platform: object) -> Module:
        m = Module()
        config, following = self._config, self.next
        layout, rows, bases = self._rows()
        m.submodules.table = table = memory.Memory(shape=layout, depth=len(rows), init=rows)
        port = table.read_port()
        late = tile_latency(config) // 2  # registers behind each of the two memories
        advance = Signal()
        # No register here has a reset, which an iCE40 puts before an enable: what counts is set while no walk runs.
        at, address = Signal.like(port.addr, reset_less=True), Signal.like(port.addr)
        known = Signal(2 + 2 * late, reset_less=True)  # which stages hold a tile of this walk, the first one lowest
        told = {name: Signal.like(getattr(following, name), name=name, reset_less=True) for name in TOLD}
        m.d.comb += [getattr(following, name).eq(register) for name, register in told.items()]
        m.d.comb += [
            advance.eq(~following.found | following.take | following.rest),
            address.eq(Mux(following.rest, Array(bases)[self.layer], at)),
            port.addr.eq(address),
            port.en.eq(advance),
            self.go.eq(advance),
        ]
        # The table's row, and the same beside what the memory of tiles says of it.
        row, entry = port.data, self.entry
        with m.If(advance):
            m.d.sync += [at.eq(address + 1), known.eq(Cat(1, known))]
        with m.If(following.rest):
            m.d.sync += known.eq(1)
        for _ in range(late):
            kept = Signal(layout, reset_less=True)
            with m.If(advance):
                m.d.sync += kept.eq(row)
            row = kept
        m.d.comb += self.tile.eq(row.tile)
        last, fresh = row.last, row.fresh
        for _ in range(1 + late):
            kept_last, kept_fresh = Signal(reset_less=True), Signal(reset_less=True)
            with m.If(advance):
                m.d.sync += [kept_last.eq(last), kept_fresh.eq(fresh)]
            last, fresh = kept_last, kept_fresh
        for _ in range(late):
            kept_entry = Signal(entry.shape(), reset_less=True)
            with m.If(advance):
                m.d.sync += kept_entry.eq(entry)
            entry = kept_entry

        # What was written behind the list's end does not count: the walk ends there by itself.
        behind, none = Signal(signed(12)), Signal()
        m.d.comb += [behind.eq(entry.start - self.length), none.eq((entry.count == 0) | ~behind[-1])]

        place = Signal(place_bits(config), reset_less=True)
        with m.If(advance):
            m.d.sync += told["found"].eq(known[-1] & (last | ~none))
            m.d.sync += [
                told["start"].eq(entry.start),
                told["count"].eq(entry.count),
                told["none"].eq(none),
                told["one"].eq((entry.count == 1) | (behind == -1)),
                told["last"].eq(last),
                told["fresh"].eq(fresh),
                told["place"].eq(place),
            ]
            ended = following.rest | (known[-1] & last)  # a choice by gates: otherwise it becomes a reset
            m.d.sync += place.eq((place + known[-1]) & ~ended.replicate(len(place)))
        with m.If(following.rest):
            m.d.sync += told["found"].eq(0)
        return m
