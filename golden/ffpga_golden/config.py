"""The one source of sizes and widths: every table, port and message length derives from `NetworkConfig`."""

import json
from dataclasses import asdict, dataclass
from functools import cached_property

from .fields import Fields

#: Largest sizes that the core is built for.
MAX_LAYERS, MAX_FEATURES, MAX_CLASSES, MAX_LANES, MAX_WIDTH = 4, 1000, 32, 64, 1024

#: Bits of a layer's input x, of an activity y, and the largest value of each (DESIGN of the arithmetic: README).
INPUT_MAX, ACTIVITY_BITS, ACTIVITY_MAX = 255, 12, 4095

#: Most time steps of a recurrent network.
TIME_STEPS_MAX = 15


def _integer(name: str, value: object, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an integer, not {value!r}")
    if not low <= value <= high:
        raise ValueError(f"{name} must be {low} to {high}, not {value}")


def _one_of(name: str, value: object, one: int, other: int) -> None:
    if value not in (one, other) or isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{name} must be {one} or {other}, not {value!r}")


@dataclass(frozen=True, kw_only=True)
class NetworkConfig:
    """Sizes of a network and of the core that holds it, checked once.

    Parameters
    ----------
    features : int
        Inputs of a sample, 1 to 1,000; each a u8.
    classes : int
        Labels, 2 to 32, or 0 for unlabelled data.
    layers : tuple of int
        Width of each of the 1 to 4 layers, in neurons; multiples of `lanes`.
    lanes : int
        Neurons that the core handles side by side, 1 to 64. Results do not depend on it.
    weight_bits : int
        8 (value / 64, saturates at +-127) or 16 (value / 4096, saturates at +-8191: the same range of +-2).
    memory_ports : int
        1: the weight memory reads or writes in a clock (an update takes 2 clocks a word); 2: it does both (1 clock).
    black_box : bool
        Whether a table of bytes, loaded at run time, stands between each layer's normaliser and the next layer.
    recurrent : bool
        Whether each layer also sees the one above it, a time step ago, and the top one the label (Hinton 2022,
        section 3.3); 2 or 3 layers.
    fields : tuple of Fields or None
        Of each layer its receptive fields, None where it is fully connected; empty where all are.
    few_bits : bool
        Whether samples may come in few bits (`protocol.pack_bits`), too. Results do not depend on it.

    Raises
    ------
    TypeError, ValueError
        Names the value and the rule.
    """

    features: int
    classes: int = 10
    layers: tuple[int, ...] = (64, 64)
    lanes: int = 8
    weight_bits: int = 8
    memory_ports: int = 1
    black_box: bool = False
    recurrent: bool = False
    fields: tuple[Fields | None, ...] = ()
    few_bits: bool = False

    def __post_init__(self) -> None:
        _integer("features", self.features, 1, MAX_FEATURES)
        if self.classes != 0:
            _integer("classes", self.classes, 0, MAX_CLASSES)
            if self.classes == 1:
                raise ValueError("classes must be 2 to 32, or 0 for unlabelled data, not 1")
        if isinstance(self.layers, (str, int)) or not hasattr(self.layers, "__iter__"):
            raise TypeError(f"layers must be a sequence of widths, not {self.layers!r}")
        object.__setattr__(self, "layers", tuple(self.layers))
        if not 1 <= len(self.layers) <= MAX_LAYERS:
            raise ValueError(f"layers must be 1 to {MAX_LAYERS} widths, not {len(self.layers)}")
        _integer("lanes", self.lanes, 1, MAX_LANES)
        for width in self.layers:
            _integer("layer width", width, 1, MAX_WIDTH)
            if width % self.lanes:
                fitting = -(-width // self.lanes) * self.lanes
                raise ValueError(f"lanes must divide every layer width, not {self.lanes} into {width}: take {fitting}")
        _one_of("weight_bits", self.weight_bits, 8, 16)
        _one_of("memory_ports", self.memory_ports, 1, 2)
        if not isinstance(self.black_box, bool):
            raise TypeError(f"black_box must be True or False, not {self.black_box!r}")
        if self.black_box and self.depth == 1:
            raise ValueError("black_box must be False with one layer: it stands between layers")
        if not isinstance(self.few_bits, bool):
            raise TypeError(f"few_bits must be True or False, not {self.few_bits!r}")
        self._check_recurrent()
        self._check_fields()
        if self.words > 1 << 16:
            raise ValueError(
                f"weights must fit 65,536 words, not {self.words}: take smaller layers or more lanes than {self.lanes}"
            )
        for inputs in self._most_inputs():
            if inputs * INPUT_MAX * self.weight_max >= 1 << 31:
                raise ValueError(f"a layer's inputs must keep the pre-activation within 32 bits, not {inputs}")

    def _check_recurrent(self) -> None:
        if not isinstance(self.recurrent, bool):
            raise TypeError(f"recurrent must be True or False, not {self.recurrent!r}")
        if not self.recurrent:
            return
        if not self.classes:
            raise ValueError("recurrent must be False without labels: the label is what the top layer sees above it")
        if self.depth not in (2, 3):
            raise ValueError(f"recurrent must be False with {self.depth} layers: take 2 or 3")
        if self.black_box:
            raise ValueError("recurrent must be False with a black box: only one of the two can be built")

    def _check_fields(self) -> None:
        if isinstance(self.fields, (str, Fields)) or not hasattr(self.fields, "__iter__"):
            raise TypeError(f"fields must be a sequence, one entry a layer, not {self.fields!r}")
        fields = tuple(self.fields)
        if all(one is None for one in fields):
            object.__setattr__(self, "fields", ())
            return
        object.__setattr__(self, "fields", fields)
        if self.recurrent:
            raise ValueError("recurrent must be False with receptive fields: its layers are fully connected")
        if len(fields) != self.depth:
            raise ValueError(f"fields must have an entry for each of the {self.depth} layers, not {len(fields)}")
        for layer, one in enumerate(fields):
            if one is None:
                continue
            if not isinstance(one, Fields):
                raise TypeError(f"fields must hold Fields or None, not {one!r}")
            one.check(layer, self.inputs(layer), self.layers[layer], self.lanes)

    def _most_inputs(self) -> list[int]:
        """Most non-zero inputs that each layer can see at once: all inputs, one label, the bias."""
        return [
            self.seen(layer) + self.above(layer) + (layer == self.label_layer and self.classes > 0) + 1
            for layer in range(self.depth)
        ]

    # Derived sizes -------------------------------------------------------------------------------------------------
    @property
    def depth(self) -> int:
        """Number of layers."""
        return len(self.layers)

    @property
    def weight_max(self) -> int:
        """Largest magnitude of a weight: 127, or 8191 for 16-bit ones."""
        return 127 if self.weight_bits == 8 else 8191

    @cached_property
    def groups(self) -> tuple[int, ...]:
        """Groups of `lanes` neurons in each layer."""
        return tuple(width // self.lanes for width in self.layers)

    def inputs(self, layer: int) -> int:
        """Inputs of a layer without label and bias rows: the features, or the width of the layer below."""
        return self.features if layer == 0 else self.layers[layer - 1]

    def fields_of(self, layer: int) -> Fields | None:
        """Receptive fields of a layer, or None where it is fully connected."""
        return self.fields[layer] if self.fields else None

    def seen(self, layer: int) -> int:
        """Inputs that a neuron of a layer sees: those of its field, or all."""
        fields = self.fields_of(layer)
        return fields.seen if fields else self.inputs(layer)

    def blocks(self, layer: int) -> int:
        """Blocks of neurons that a layer has, each with its field; one where it is fully connected."""
        fields = self.fields_of(layer)
        return len(fields.blocks) if fields else 1

    def above(self, layer: int) -> int:
        """Inputs of a layer from the layer above: in a recurrent network that one's width, but for the top layer."""
        return self.layers[layer + 1] if self.recurrent and layer + 1 < self.depth else 0

    @property
    def label_layer(self) -> int:
        """The layer that has label rows: the first one; in a recurrent network the top one."""
        return self.depth - 1 if self.recurrent else 0

    @property
    def has_contenders(self) -> bool:
        """Whether there are wrong labels to choose from: fewer than all may contend for the hardest one."""
        return self.classes > 2 and not self.recurrent

    @property
    def first_label(self) -> int:
        """Row of label 0 in the layer that has labels."""
        return self.seen(self.label_layer)

    def rows(self, layer: int) -> int:
        """Weight rows of a layer: the inputs that it sees below, those above, its labels if it has any, the bias."""
        return self.seen(layer) + self.above(layer) + (self.classes if layer == self.label_layer else 0) + 1

    def bias_row(self, layer: int) -> int:
        """Row of the bias: the last one."""
        return self.rows(layer) - 1

    def base(self, layer: int) -> int:
        """First word of a layer in the weight memory."""
        return sum(self.rows(below) * self.groups[below] for below in range(layer))

    @cached_property
    def words(self) -> int:
        """Words of the weight memory, each of `lanes` weights."""
        return self.base(self.depth)

    @property
    def weights(self) -> int:
        """Weights of the network."""
        return self.words * self.lanes

    @property
    def weight_bytes(self) -> int:
        """Bytes of the weight memory."""
        return self.weights * self.weight_bits // 8

    @cached_property
    def activity_shift(self) -> tuple[int, ...]:
        """s of each layer: z >> s is an activity in 1/64."""
        wide = 6 if self.weight_bits == 16 else 0
        return tuple((8 if layer == 0 else 5) + wide for layer in range(self.depth))

    @property
    def sum_bits(self) -> int:
        """Bits of a pre-activation with its sign."""
        return (max(self._most_inputs()) * INPUT_MAX * self.weight_max).bit_length() + 1

    @property
    def goodness_bits(self) -> int:
        """Bits that hold any layer's goodness."""
        return (max(self.layers) * ACTIVITY_MAX**2).bit_length()

    @property
    def total_bits(self) -> int:
        """Bits that hold the sum of all layers' goodness, in a recurrent network of all time steps, and a threshold."""
        times = TIME_STEPS_MAX if self.recurrent else 1
        return max(32, (sum(self.layers) * times * ACTIVITY_MAX**2).bit_length())

    @property
    def total_bytes(self) -> int:
        """The same in bytes."""
        return -(-self.total_bits // 8)

    @property
    def rate_max(self) -> int:
        """Largest learning-rate shift u."""
        return 23 if self.weight_bits == 8 else 15

    # Text ----------------------------------------------------------------------------------------------------------
    def to_json(self) -> str:
        """The configuration as one JSON object."""
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def from_json(cls, text: str) -> "NetworkConfig":
        """The inverse of `to_json`; ValueError where the text is not such an object."""
        try:
            read = json.loads(text)
            fields = tuple(one and Fields(**one) for one in read.get("fields", ()))
            return cls(**{**read, "layers": tuple(read["layers"]), "fields": fields})
        except (AttributeError, KeyError, TypeError, RecursionError, json.JSONDecodeError) as error:
            raise ValueError(f"a configuration must be the JSON object that `to_json` writes: {error}") from None

    def __str__(self) -> str:
        shape = "-".join(str(n) for n in (self.features, *self.layers))
        kind = f"{self.classes} classes" if self.classes else "unlabelled"
        memory = f"{self.memory_ports}-port memory{', black box' if self.black_box else ''}"
        memory += ", recurrent" if self.recurrent else ""
        memory += ", samples in few bits" if self.few_bits else ""
        for layer, fields in enumerate(self.fields):
            memory += f", layer {layer + 1} in {len(fields.blocks)} fields of {fields.seen} inputs" if fields else ""
        return f"{shape}, {kind}, {self.lanes} lanes, {self.weight_bits}-bit weights, {memory}"
