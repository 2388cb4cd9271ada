"""What the compiled steps work on: a network's arrays, and where in them is what."""

from typing import NamedTuple

import numpy as np

from .. import arithmetic as a
from ..config import MAX_LAYERS, MAX_WIDTH, NetworkConfig
from ..dither import field_bits
from ..registers import COUNTERS, NegativePolicy, Objective, Rounding
from ..timing import TALLY

#: Columns of `Memory.shape`: of each layer its inputs and neurons, the rows of its first label and of the bias, where
#: its weights begin, its blocks and their neurons, a tile's inputs, the tiles of a block and where they are listed, all
#: tiles, groups of neurons, the activity's shift, `norm_offset`, and whether it has receptive fields.
(
    INPUTS, WIDTH, LABELS, BIAS, BASE, BLOCKS, NEURONS, TILE, SEEN, LISTED, TILES, GROUPS, SHIFT, OFFSET, FIELDS,
) = range(15)  # fmt: skip

#: Places of `Memory.registers`: as the core decodes them, and what else is constant in a run of steps.
(
    RATE, BITS, OBJECTIVE, SIGN, GATE, POLICY, SHORTLIST, PLAIN, CONTENDERS, LIMIT, CLASSES, BOX, DEPTH,
) = range(13)  # fmt: skip
TEMPERATURE = 13  #: of each layer
THRESHOLD = TEMPERATURE + MAX_LAYERS  #: of each layer
REGISTERS = THRESHOLD + MAX_LAYERS

#: Places of `Memory.counters`.
PAIRS, PHASES, INFERENCES, UPDATES, SKIPPED, CLOCKS, READ, UPDATED = (
    COUNTERS.index(name)
    for name in (
        "pairs", "phases", "inferences", "updates", "updates_skipped", "clocks", "words_read", "words_updated"
    )
)  # fmt: skip

#: Places of `Memory.z`, `y`, `g`: parts of so many neurons.
PART = MAX_WIDTH
#: Lists that a step has at once: of both samples, and of both phases above the first layer.
LISTS = 4


class Memory(NamedTuple):
    """Arrays of a network, of one type for every configuration."""

    w: np.ndarray  #: int16: weights, layer after layer, row after row
    shape: np.ndarray  #: int64[depth, columns]
    tiles: np.ndarray  #: int64: the tiles that each block of each layer sees
    norms: np.ndarray  #: u8[depth, 128]: `norm_table`
    sigmoid: np.ndarray  #: u8[256]
    registers: np.ndarray  #: int64[REGISTERS]
    random: np.ndarray  #: uint32[1]: the generator's state
    tally: np.ndarray  #: int64: see `timing`
    counters: np.ndarray  #: int64, in the order of `COUNTERS`
    # What is calculated.
    vector: np.ndarray  #: u8: a layer's inputs
    numbers: np.ndarray  #: int32: the inputs that are not 0
    starts: np.ndarray  #: int64: where those of each tile begin
    counts: np.ndarray  #: int64[LISTS, n]: how many of them each tile of each block has
    at: np.ndarray  #: int32[LISTS * n + 2]: of each block in turn its list, as places of rows in `w`, the bias last
    x: np.ndarray  #: int32[LISTS * n]: their inputs
    begins: np.ndarray  #: int64[LISTS, blocks + 1]: where each block's begin
    entries: np.ndarray  #: int64[LISTS]: inputs that are not 0
    z: np.ndarray  #: int32: pre-activations: of the first layer, of a layer above
    y: np.ndarray  #: int32: activities: of the positive phase, of the negative one, of a label that is looked at
    g: np.ndarray  #: int32: local errors: of the list, of the true label, of the wrong one
    totals: np.ndarray  #: int64[3]: sums of squares of `y`
    goodness: np.ndarray  #: int64[classes]: sums of squares under each label
    labels: np.ndarray  #: int64[classes]: labels that are scored
    out: np.ndarray  #: int64[classes]: whether a label cannot be the answer


def memory_of(config: NetworkConfig) -> Memory:
    """Memory of a configuration; registers, generator and tables are for `Memory`'s owner to fill in."""
    shape = np.zeros((config.depth, FIELDS + 1), np.int64)
    tiles: list[int] = []
    most_listed, most_counts, most_blocks, most_tiles, base = 1, 1, 1, 1, 0
    for layer, width in enumerate(config.layers):
        fields, inputs = config.fields_of(layer), config.inputs(layer)
        blocks = config.blocks(layer)
        tile, size = (fields.tile, fields.size) if fields else (inputs, 1)
        shape[layer] = (
            inputs, width, config.seen(layer), config.bias_row(layer), base, blocks, width // blocks, tile, size,
            len(tiles), inputs // tile, config.groups[layer], config.activity_shift[layer], a.norm_offset(width),
            fields is not None,
        )  # fmt: skip
        tiles += fields.tiles.ravel().tolist() if fields else [0]
        base += config.rows(layer) * width
        most_listed = max(most_listed, blocks * (config.seen(layer) + 1))
        most_counts, most_blocks = max(most_counts, blocks * size), max(most_blocks, blocks)
        most_tiles = max(most_tiles, inputs // tile)
    inputs, classes = max(shape[:, INPUTS]), max(1, config.classes)
    return Memory(
        w=np.zeros(base, np.int16),
        shape=shape,
        tiles=np.array(tiles, np.int64),
        norms=np.stack([a.norm_table(width) for width in config.layers]),
        sigmoid=a.probability_table().copy(),
        registers=np.zeros(REGISTERS, np.int64),
        random=np.ones(1, np.uint32),
        tally=np.zeros(TALLY, np.int64),
        counters=np.zeros(len(COUNTERS), np.int64),
        vector=np.zeros(max(inputs, MAX_WIDTH), np.uint8),
        numbers=np.zeros(inputs + 1, np.int32),
        starts=np.zeros(most_tiles + 1, np.int64),
        counts=np.zeros((LISTS, most_counts), np.int64),
        at=np.zeros(LISTS * most_listed + LISTS - 1, np.int32),
        x=np.zeros(LISTS * most_listed + LISTS - 1, np.int32),
        begins=np.zeros((LISTS, most_blocks + 1), np.int64),
        entries=np.zeros(LISTS, np.int64),
        z=np.zeros(2 * PART, np.int32),
        y=np.zeros(3 * PART, np.int32),
        g=np.zeros(3 * PART, np.int32),
        totals=np.zeros(3, np.int64),
        goodness=np.zeros(classes, np.int64),
        labels=np.zeros(classes, np.int64),
        out=np.zeros(classes, np.int64),
    )


def decoded(config: NetworkConfig, registers: dict[str, int], rate: int, sign: int) -> np.ndarray:
    """`Memory.registers`, int64[REGISTERS]; `rate` and `sign` are those of `Network`."""
    out = np.zeros(REGISTERS, np.int64)
    wrong = config.classes - 1
    out[:TEMPERATURE] = (
        rate, field_bits(rate), registers["objective"] == Objective.THRESHOLD, sign, registers["update_gate"],
        NegativePolicy(registers["negative_policy"]), registers["shortlist"],
        registers["rounding"] == Rounding.PLAIN, min(max(1, registers.get("contenders", wrong)), wrong),
        config.weight_max, config.classes, config.black_box, config.depth,
    )  # fmt: skip
    for layer in range(config.depth):
        out[TEMPERATURE + layer] = registers[f"temperature{layer}"]
        out[THRESHOLD + layer] = registers[f"threshold{layer}"]
    return out
