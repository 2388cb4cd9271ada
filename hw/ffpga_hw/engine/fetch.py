"""From the words that a walk issues to their inputs and addresses: the lists of samples and of layers' inputs."""

from amaranth import Array, Cat, Module, Mux, Signal, Value
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import NetworkConfig
from ffpga_golden.arithmetic import LABEL_VALUE
from ffpga_golden.timing import fetch_latency

from .delay import delayed
from .port import row_bits, sample_slots
from .scorer import neuron_bits
from .walker import Kind, layer_parameters


def places(config: NetworkConfig) -> int:
    """Lists of layers' inputs that are kept: of both phases, and of the next layer where there is one.

    In a recurrent network: of both phases, of this time step and the last, of every layer.
    """
    if config.recurrent:
        return 4 * config.depth
    return 4 if config.depth > 2 else 2


def place(config: NetworkConfig, phase: Value, layer: Value) -> Value:
    """Which of them feeds a layer."""
    return Cat(phase, layer[0]) if places(config) == 4 else phase


def made_place(config: NetworkConfig, phase: Value, layer: Value, odd: Value) -> Value:
    """Which of them is made of a layer's activities, in a recurrent network at an odd time or at an even one."""
    if config.recurrent:
        return Cat(phase, odd, layer[: (config.depth - 1).bit_length()])
    return place(config, phase, layer + 1)


class Fetch(wiring.Component):
    """Row, input and address of a word, `fetch_latency` clocks after its issue.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        slots = sample_slots(config)
        row, neuron = row_bits(config), neuron_bits(config)
        address = max(1, (config.words - 1).bit_length())
        lists = (places(config) - 1).bit_length()
        recurrent = {
            "bottom_up": In(1),  #: there is nothing from above
            "odd": In(1),  #: the inputs are of an odd time
            "common": In(1),  #: below the top layer both phases have the lists of the first
            "length_above": Out(11),  #: entries of the list from above
        }
        super().__init__(
            {
                **(recurrent if config.recurrent else {}),
                # Entries of the samples, from the link.
                "sample_write": In(1),
                "sample_address": In(row + slots),  #: {index, bank, slot}
                "sample_row": In(row),
                "sample_value": In(8),
                "sample_bank": In(slots),  #: bank in use, a bit a slot
                "sample_length": In(config.features.bit_length() * slots),
                "sample_slot": In(1),  #: sample of this walk
                # Entries of the layers' inputs.
                "list_write": In(1),
                "list_address": In(neuron + lists),  #: {pointer, place}
                "list_row": In(neuron),
                "list_value": In(8),
                "lengths": In(places(config) * (neuron + 1)),
                # The walk.
                "layer": In(2),
                "phase": In(1),
                "label_a": In(8),  #: label of the first label row
                "label_b": In(8),  #: of the second
                "every": In(1),  #: label rows are those of all labels
                "length": Out(11),  #: entries of the walk's list
                "kind": In(2),  #: see Kind
                "pointer": In(10),  #: entry of the list
                "label": In(config.classes.bit_length()),  #: ordinal of the label row
                "group_base": In(address),  #: first word of the group, `fetch_latency` clocks late
                "value": Out(8),  #: input x
                "address": Out(address),  #: word
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        config = self._config
        bits, neuron = row_bits(config), neuron_bits(config)
        slots = sample_slots(config)
        m.submodules.samples = samples = memory.Memory(shape=bits + 8, depth=1 << bits + slots, init=[])
        m.submodules.lists = lists = memory.Memory(shape=neuron + 8, depth=places(config) << neuron, init=[])
        sample_write, sample_read = samples.write_port(), samples.read_port()
        list_write, list_read = lists.write_port(), lists.read_port()
        slot = self.sample_slot if slots == 2 else 0
        first_layer = Signal()
        at = self._place(m) if config.recurrent else place(config, self.phase, self.layer)
        m.d.comb += [
            first_layer.eq(self.layer == 0),
            sample_write.en.eq(self.sample_write),
            sample_write.addr.eq(self.sample_address),
            sample_write.data.eq(Cat(self.sample_row, self.sample_value)),
            sample_read.addr.eq(
                Cat(self.pointer[:bits], self.sample_bank.bit_select(slot, 1), *([slot] if slots == 2 else []))
            ),
            list_write.en.eq(self.list_write),
            list_write.addr.eq(self.list_address),
            list_write.data.eq(Cat(self.list_row, self.list_value)),
            list_read.addr.eq(Cat(self.pointer[:neuron], at)),
            self.length.eq(
                Mux(
                    first_layer,
                    self.sample_length.word_select(slot, config.features.bit_length()),
                    self.lengths.word_select(self._below() if config.recurrent else at, neuron + 1),
                )
            ),
        ]
        last = fetch_latency(config)
        kind, label = (delayed(m, signal, last - 1)[-1] for signal in (self.kind, self.label))
        sample, entry = (delayed(m, read.data, last - 2)[-1] for read in (sample_read, list_read))
        row = Signal(11, reset_less=True)
        bias_row, label_row, ordinal = Signal(11), Signal(11), Signal(8)
        biases = Array([p["bias"] for p in layer_parameters(config)])
        m.d.comb += [
            bias_row.eq(biases[self.layer]),
            ordinal.eq(Mux(self.every, label, Mux(label == 0, self.label_a, self.label_b))),
            label_row.eq(config.first_label + ordinal),
            self.address.eq(self.group_base + row),
        ]
        with m.If(kind == Kind.LIST):
            m.d.sync += row.eq(Mux(first_layer, sample[:bits], entry[:neuron]))
            m.d.sync += self.value.eq(Mux(first_layer, sample[bits:], entry[neuron:]))
        with m.Else():
            m.d.sync += row.eq(Mux(kind == Kind.BIAS, bias_row, label_row))
            m.d.sync += self.value.eq(LABEL_VALUE)
        if config.recurrent:
            first = Array([config.inputs(layer) for layer in range(config.depth)])[self.layer]
            with m.If(kind == Kind.ABOVE):
                m.d.sync += [row.eq(first + entry[:neuron]), self.value.eq(entry[neuron:])]
        return m

    # A recurrent network's lists -----------------------------------------------------------------------------------
    def _below(self) -> Value:
        """The list of the layer below, which is never the top one."""
        return made_place(self._config, self.phase & ~self.common, self.layer - 1, self.odd)

    def _place(self, m: Module) -> Value:
        """The list that a word is fetched from: of the layer below, or of the one above; its length as well."""
        config = self._config
        top = config.depth - 1
        above = Signal(2)
        m.d.comb += above.eq(self.layer + 1)
        listed = made_place(config, self.phase & ~(self.common & (above != top)), above, self.odd)
        length = self.lengths.word_select(listed, neuron_bits(config) + 1)
        m.d.comb += self.length_above.eq(Mux(self.bottom_up | (self.layer == top), 0, length))
        return Mux(self.kind == Kind.ABOVE, listed, self._below())
