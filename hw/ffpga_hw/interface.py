"""The ports between the link and the engine, as the engine has them."""

from amaranth import Module, Value, unsigned
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Member, Out

from ffpga_golden import NetworkConfig

Ports = dict[str, Member]


def row_bits(config: NetworkConfig) -> int:
    """Bits of a feature's index."""
    return max(1, (config.features - 1).bit_length())


def sample_slots(config: NetworkConfig) -> int:
    """Samples of a step: one, or the two of an unlabelled pair."""
    return 1 if config.classes else 2


def sample_ports(config: NetworkConfig) -> Ports:
    """Where samples are: the list's write port, and what of the list belongs to the current samples."""
    bits, slots = row_bits(config), sample_slots(config)
    return {
        # Write port of the sample list: {index, bank, slot (unlabelled only)}, index lowest; row and value.
        "list_write_enable": In(1),
        "list_write_address": In(bits + slots),
        "list_write_row": In(bits),
        "list_write_value": In(8),
        # Per slot: bank that holds the current sample, and its number of entries.
        "sample_bank": In(slots),
        "sample_length": In(data.ArrayLayout(unsigned(config.features.bit_length()), slots)),
    }


def command_ports(config: NetworkConfig) -> Ports:
    """What a command does: steps of the network, registers, weights, counters, tables of a black box."""
    return {**step_ports(), **window_ports(config)}


def window_ports(config: NetworkConfig) -> Ports:
    """Registers, weights, counters, tables of a black box."""
    ports = common_ports()
    if config.black_box:
        ports |= {
            # A table's byte, {input, layer}: written with the pulse; while the engine is idle, `table_value` a clock
            # after the address.
            "table_address": In(10),
            "table_write": In(1),
            "table_data": In(8),
            "table_value": Out(8),
            # The tables are identities after a reset: until then no command may be executed.
            "table_ready": Out(1),
        }
    return ports


def step_ports() -> Ports:
    """Steps of the network."""
    return {
        # Start a command (pulse): 0 pair, 1 phase, 2 infer, 3 activities (unlabelled only). The command and its labels
        # stay until it is done.
        "command_start": In(1),
        "command": In(2),
        # Label of the sample. Activities: the layer.
        "command_label": In(8),
        # Pair: the host's negative label. Phase: 1 for the negative phase. Activities: which PART of them.
        "command_negative": In(8),
        # The engine has finished (pulse), at the earliest with or after its last result byte.
        "command_done": Out(1),
        # Bytes of the answer, taken between start and done, at most 58, never held back.
        "result_valid": Out(1),
        "result_data": Out(8),
    }


def common_ports() -> Ports:
    """Registers, weights and counters."""
    return {
        # Registers: four bytes in four clocks, the lowest first; `place` counts them, `write` or `step` comes with
        # each. `load` goes before those that are read.
        "register_address": In(4),
        "register_place": In(2),
        "register_write": In(1),
        "register_data": In(8),
        "register_load": In(1),
        "register_step": In(1),
        "register_value": Out(8),
        # Value of register negative_policy.
        "negative_policy": Out(2),
        # One weight: read or write pulse; address and data stay until `weight_ack` (pulse): written, or
        # `weight_value` valid. 8-bit weights in the low byte, sign-extended when written.
        "weight_word": In(16),
        "weight_lane": In(8),
        "weight_write": In(1),
        "weight_read": In(1),
        "weight_data": In(16),
        "weight_value": Out(16),
        "weight_ack": Out(1),
        # Counters, in the order of `registers.COUNTERS`: from `valid` on, which `read` brings about and holds, they
        # do not change; the byte of an address {counter, byte} comes 2 clocks after it.
        "counter_address": In(6),
        "counter_read": In(1),
        "counter_valid": Out(1),
        "counter_value": Out(8),
    }


def engine_ports(config: NetworkConfig) -> Ports:
    """All of them."""
    return {**sample_ports(config), **command_ports(config), "link_error": In(1)}  # a frame was refused (pulse)


def flipped(ports: Ports) -> Ports:
    """The same, as the link has them."""
    return {name: member.flip() for name, member in ports.items()}


def join_engine(m: Module, config: NetworkConfig, front: wiring.Component, engine: wiring.Component) -> None:
    """Connect the engine with what drives it: the link or the bus."""
    new = {
        "list_write_enable": "sample.write",
        "list_write_address": "sample.address",
        "list_write_row": "sample.row",
        "list_write_value": "sample.value",
        "command": "step.command",
        "negative_policy": "register.negative_policy",
        "link_error": "link_error",
    }
    rooms = {
        "command": "step",
        **{name: name for name in ("sample", "result", "register", "weight", "counter", "table")},
    }
    for name, member in engine_ports(config).items():
        room, _, rest = name.partition("_")
        end = engine.port
        for part in new.get(name, f"{rooms.get(room)}.{rest}").split("."):
            end = getattr(end, part)
        source, sink = (front, None) if member.flow == In else (None, front)
        m.d.comb += Value.cast(end if sink is None else getattr(sink, name)).eq(
            end if source is None else getattr(source, name)
        )
