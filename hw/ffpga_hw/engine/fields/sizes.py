"""Widths and tables that the blocks share, all of them from the configuration."""

from amaranth import Array, Const, Value

from ffpga_golden import Fields, NetworkConfig


def fielded(config: NetworkConfig) -> list[Fields]:
    """The receptive fields of the layers that have any."""
    return [fields for fields in config.fields if fields]


def place_bits(config: NetworkConfig) -> int:
    """Bits of a tile's place in its field."""
    return max(1, max(fields.size - 1 for fields in fielded(config)).bit_length())


def count_bits(config: NetworkConfig) -> int:
    """Bits of the number of a tile's entries."""
    return max(fields.tile for fields in fielded(config)).bit_length()


def tile_bits(config: NetworkConfig, layer: int) -> int:
    """Bits of an input's number that are its place in its tile."""
    fields = config.fields_of(layer)
    return fields.tile.bit_length() - 1 if fields else 0


def index_bits(config: NetworkConfig, layer: int) -> int:
    """Bits of a tile's number among a layer's inputs."""
    return max(1, (config.inputs(layer) - 1).bit_length() - tile_bits(config, layer))


def has_fields(config: NetworkConfig, layer: Value) -> Value:
    """The layer at hand has receptive fields."""
    return Array([Const(bool(config.fields_of(n)), 1) for n in range(config.depth)])[layer]


def lists_have_fields(config: NetworkConfig) -> bool:
    """Whether a layer above the first one has receptive fields."""
    return any(config.fields[1:])
