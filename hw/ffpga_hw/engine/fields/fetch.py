"""The inputs of words where layers have receptive fields: lists tile by tile, and which entries are whose."""

from amaranth import Array, Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import Out

from ffpga_golden import NetworkConfig

from ...delay import delayed
from ..control.fetch import Fetch
from ..signatures.places import ListPlaces
from ..signatures.port import row_bits, sample_slots
from ..signatures.sizes import neuron_bits
from .lookup import TileLookup
from .signatures import BlockWord, TileEntry, TileLengths, TileListPort
from .sizes import has_fields, index_bits, lists_have_fields, tile_bits


class TileFetch(Fetch):
    """`Fetch` that notes where a tile's entries are as a list comes in.

    A list's entry of the sample holds the row within its tile, where the first layer has receptive fields.
    """

    def _lengths_signature(self) -> wiring.Signature:
        return TileLengths(self._config)

    def _word_signature(self, config: NetworkConfig) -> wiring.Signature:
        return BlockWord(config)

    def _list_signature(self, config: NetworkConfig, places: ListPlaces) -> wiring.Signature:
        return TileListPort(config, places)

    def _sample_row_bits(self) -> int:
        return tile_bits(self._config, 0) if self._config.fields[0] else row_bits(self._config)

    def elaborate(self, platform: object) -> Module:
        m = super().elaborate(platform)
        config, inputs = self._config, self.inputs
        self._entry = TileEntry(config, max(row_bits(config), neuron_bits(config)))
        m.submodules.lookup = lookup = TileLookup(config=config, entry=self._entry)
        m.d.comb += [
            self.lengths.fields.eq(has_fields(config, inputs.layer)),
            lookup.layer.eq(inputs.layer),
        ]
        m.d.sync += lookup.length.eq(self.lengths.list)  # for the sake of the clock's frequency
        for name, member in lookup.next.signature.members.items():
            if name not in ("list", "fields"):
                theirs, mine = getattr(lookup.next, name), getattr(self.lengths, name)
                m.d.comb += mine.eq(theirs) if member.flow == Out else theirs.eq(mine)
        entries = []
        if config.fields[0]:
            entries.append(self._sample_tiles(m, lookup))
        if lists_have_fields(config):
            entries.append(self._list_tiles(m, lookup))
        if len(entries) == 2:
            m.d.comb += lookup.entry.eq(Mux(inputs.layer == 0, *entries))
        else:
            m.d.comb += lookup.entry.eq(entries[0])
        return m

    def _row(self, m: Module, sample: Value, entry: Value, late: int) -> Value:
        """Row of a list's word: of a field's tile its rows follow those of the tiles before it."""
        config = self._config
        walked = delayed(m, self.lengths.walked, late)[late]
        rows = []
        for layer in range(config.depth):
            row = sample[: self._sample_row_bits()] if layer == 0 else entry[: neuron_bits(config)]
            rows.append(Cat(row[: tile_bits(config, layer)], walked) if config.fields[layer] else row)
        return Array(rows)[self.inputs.layer]

    def _sample_tiles(self, m: Module, lookup: TileLookup) -> Value:
        """The tiles of the samples: noted with each entry, all forgotten before another sample comes in."""
        config, sample = self._config, self.sample
        bits, slots, index = row_bits(config), sample_slots(config), index_bits(config, 0)
        shape = self._entry
        m.submodules.sample_tiles = tiles = memory.Memory(shape=shape, depth=1 << index + slots, init=[])
        write, read = tiles.write_port(), tiles.read_port()
        tile, entry = sample.row[tile_bits(config, 0) :], Signal(shape)
        # It is written a clock later.
        noted, place = Signal(shape, reset_less=True), Signal.like(write.addr, reset_less=True)
        before, same = noted, place[:index]
        if slots == 2:  # the other slot may be forgotten in between
            before, same = Signal(shape, reset_less=True), Signal(index, reset_less=True)
            with m.If(sample.write):
                m.d.sync += [before.eq(entry), same.eq(tile)]
        m.d.comb += [entry.start.eq(sample.address[:bits]), entry.count.eq(1)]
        with m.If((sample.address[:bits] != 0) & (tile == same)):
            m.d.comb += [entry.start.eq(before.start), entry.count.eq(before.count + 1)]
        # Forgetting: slot by slot, in the bank that the next sample is written into.
        wanted, number = Signal(slots, init=(1 << slots) - 1), Signal(index)
        slot = ~wanted[0] if slots == 2 else Const(0, 1)
        bank = ~sample.bank.bit_select(slot, 1)
        m.d.comb += [
            sample.clearing.eq(wanted.any()),
            write.addr.eq(place),
            write.data.eq(noted),
        ]
        m.d.sync += write.en.eq(sample.write | sample.clearing)
        with m.If(sample.clearing):
            m.d.sync += [place.eq(Cat(number, bank, *([slot] if slots == 2 else []))), noted.eq(0)]
            m.d.sync += number.eq(number + 1)
        with m.Elif(sample.write):
            m.d.sync += [place.eq(Cat(tile, sample.address[bits:])), noted.eq(entry)]
        if slots == 2:  # the other slot may come in between
            with m.If(sample.clear.any()):
                m.d.sync += number.eq(0)
        ended = Signal()
        m.d.comb += ended.eq(sample.clearing & (number == (1 << index) - 1))
        done = Mux(ended, Cat(*(slot == n for n in range(slots))) if slots == 2 else 1, 0)
        m.d.sync += wanted.eq((wanted & ~done) | sample.clear)
        at = self.inputs.sample if slots == 2 else 0
        m.d.comb += [
            read.en.eq(lookup.go),
            read.addr.eq(Cat(lookup.tile[:index], sample.bank.bit_select(at, 1), *([at] if slots == 2 else []))),
        ]
        return read.data

    def _list_tiles(self, m: Module, lookup: TileLookup) -> Value:
        """The tiles of the layers' lists: each is noted when its last input was made."""
        config, made = self._config, self.list
        layers = [layer for layer in range(1, config.depth) if config.fields[layer]]
        bits, index = neuron_bits(config), max(index_bits(config, layer) for layer in layers)
        depth = self._places.count << index
        m.submodules.list_tiles = tiles = memory.Memory(shape=self._entry, depth=depth, init=[])
        write, read = tiles.write_port(), tiles.read_port()
        start, count = Signal(bits + 1, reset_less=True), Signal.like(write.data.count)
        tile, noted, ends = Signal(index), Signal(), Signal()
        for layer in layers:
            low = tile_bits(config, layer)
            with m.If(made.layer == layer):
                m.d.comb += [tile.eq(made.row[low:]), noted.eq(made.made)]
                m.d.comb += ends.eq(made.made & (made.row[:low].all() if low else 1))
        m.d.comb += [
            write.en.eq(ends),
            write.addr.eq(Cat(tile, made.place)),
            write.data.start.eq(Mux(tile == 0, 0, start)),
            write.data.count.eq(count + made.write),
        ]
        with m.If(ends):
            m.d.sync += [count.eq(0), start.eq(made.pointer + made.write)]
        with m.Elif(noted & made.write):
            m.d.sync += count.eq(count + 1)
        m.d.comb += [read.en.eq(lookup.go), read.addr.eq(Cat(lookup.tile[:index], self._below()))]
        return read.data
