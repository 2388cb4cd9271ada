"""From the words that a walk issues to their inputs and addresses: the lists of samples and of layers' inputs."""

from amaranth import Cat, Module, Mux, Signal, Value
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import NetworkConfig
from ffpga_golden.arithmetic import LABEL_VALUE
from ffpga_golden.timing import fetch_latency

from ...delay import delayed
from ..signatures.contenders import Contenders
from ..signatures.places import ListPlaces
from ..signatures.port import SamplePort, row_bits, sample_slots
from ..signatures.sizes import neuron_bits
from ..signatures.walk import FetchedWord, Kind, LayerSizes, ListLengths, ListPort, WalkInputs, WalkWord


class Fetch(wiring.Component):
    """Row, input and address of a word, `fetch_latency` clocks after its issue.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        self._places = self._list_places(config)
        super().__init__(
            {
                "sample": In(SamplePort(config)),
                "list": In(self._list_signature(config, self._places)),
                "inputs": In(self._inputs_signature(config)),
                "sizes": In(LayerSizes(config)),
                "lengths": Out(self._lengths_signature()),
                "word": In(self._word_signature(config)),
                "fetched": Out(FetchedWord(config)),
            }
        )

    def _list_places(self, config: NetworkConfig) -> ListPlaces:
        return ListPlaces(config)

    def _inputs_signature(self, config: NetworkConfig) -> wiring.Signature:
        return WalkInputs(config)

    def _lengths_signature(self) -> wiring.Signature:
        return ListLengths()

    def _word_signature(self, config: NetworkConfig) -> wiring.Signature:
        return WalkWord(config)

    def _list_signature(self, config: NetworkConfig, places: ListPlaces) -> wiring.Signature:
        return ListPort(config, places)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        config, word, inputs = self._config, self.word, self.inputs
        bits, neuron = row_bits(config), neuron_bits(config)
        slots = sample_slots(config)
        held = self._sample_row_bits()
        m.submodules.samples = samples = memory.Memory(shape=held + 8, depth=1 << bits + slots, init=[])
        m.submodules.lists = lists = memory.Memory(shape=neuron + 8, depth=self._places.count << neuron, init=[])
        sample_write, sample_read = samples.write_port(), samples.read_port()
        list_write, list_read = lists.write_port(), lists.read_port()
        slot = inputs.sample if slots == 2 else 0
        bank = self.sample.bank.bit_select(slot, 1)
        first_layer = Signal()
        m.d.comb += [
            first_layer.eq(inputs.layer == 0),
            sample_write.en.eq(self.sample.write),
            sample_write.addr.eq(self.sample.address),
            sample_write.data.eq(Cat(self.sample.row[:held], self.sample.value)),
            sample_read.addr.eq(Cat(word.pointer[:bits], bank, *([slot] if slots == 2 else []))),
            list_write.en.eq(self.list.write),
            list_write.addr.eq(Cat(self.list.pointer, self.list.place)),
            list_write.data.eq(Cat(self.list.row, self.list.value)),
            list_read.addr.eq(Cat(word.pointer[:neuron], self._place())),
            self.lengths.list.eq(Mux(first_layer, self.sample.length[slot], self._length(self._below()))),
        ]
        last = fetch_latency(config)
        kind, label = (delayed(m, signal, last - 1)[-1] for signal in (word.kind, word.label))
        sample, entry = (delayed(m, read.data, last - 2)[-1] for read in (sample_read, list_read))
        row = Signal(11, reset_less=True)
        value = self.fetched.value
        label_row, ordinal = Signal(11), Signal.like(inputs.label_a)
        m.d.comb += ordinal.eq(Mux(inputs.every, label, Mux(label == 0, inputs.label_a, inputs.label_b)))
        if config.has_contenders:
            contenders = Contenders(m, config, inputs.label_a, inputs.contender)
            with m.If(inputs.every & inputs.some):
                m.d.comb += ordinal.eq(contenders.label(label))
            with m.If(kind == Kind.LABEL):
                contenders.step(label)
        m.d.comb += [
            label_row.eq(config.first_label + ordinal),
            self.fetched.address.eq(word.base + row),
        ]
        listed = self._row(m, sample, entry, last - 1)
        with m.If(kind == Kind.LIST):
            m.d.sync += row.eq(listed)
            m.d.sync += value.eq(Mux(first_layer, sample[held:], entry[neuron:]))
        with m.Else():
            m.d.sync += row.eq(Mux(kind == Kind.BIAS, self.sizes.bias, label_row))
            m.d.sync += value.eq(LABEL_VALUE)
        self._late = kind, entry, row
        return m

    def _sample_row_bits(self) -> int:
        """Bits of a sample's entry that tell its row."""
        return row_bits(self._config)

    def _row(self, m: Module, sample: Value, entry: Value, late: int) -> Value:
        """Row of a word of the list, from its entry, which comes `late` clocks after the word was issued."""
        bits, neuron = row_bits(self._config), neuron_bits(self._config)
        return Mux(self.inputs.layer == 0, sample[:bits], entry[:neuron])

    def _below(self) -> Value:
        """Place of the list that is the layer's input."""
        return self._places.feeding(self.inputs.phase, self.inputs.layer)

    def _place(self) -> Value:
        """Place of the list that a word is of."""
        return self._below()

    def _length(self, place: Value) -> Value:
        """Entries of a list."""
        return self.list.lengths.word_select(place, neuron_bits(self._config) + 1)
