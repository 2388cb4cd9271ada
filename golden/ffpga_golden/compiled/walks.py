"""The walks of a step: a layer's list, its activities, scores, updates, and the inputs of the layer above."""

from typing import Any

import numpy as np
from numba.extending import register_jitable

from .. import arithmetic as a
from .. import timing as t
from . import memory as mem
from .caching import part
from .vectors import accumulate, activate, bits, change, local_errors, normalise

for _formula in (
    t.spend, t.start, t.again, t.scored, t.forward_walk, t.forward_tiles, t.wait, t.forward, t.select, t.add, t.decide,
    t.tell, t.normalise, t.errors_done, t.errors_ready, t.update_walk, t.update_tiles, t.update, t.control,
    t.candidate, t.finish, t.tile_walk,
):  # fmt: skip
    register_jitable(error_model="numpy", _nrt=False)(_formula)

_GUARD, _INDEX, _LABEL = a.NORM_GUARD, a.NORM_INDEX_BITS, a.LABEL_VALUE


@part
def take(m: Any, layer: int, vector: Any, number: int) -> None:
    """List number `number` becomes that of a layer's inputs, u8[inputs]: `Layers.inputs`."""
    shape = m.shape[layer]
    inputs, width, neurons = shape[mem.INPUTS], shape[mem.WIDTH], shape[mem.NEURONS]
    room = len(m.at) // mem.LISTS
    end = room * number
    bias = shape[mem.BASE] + shape[mem.BIAS] * width
    if not shape[mem.FIELDS]:
        at = shape[mem.BASE]
        for i in range(inputs):
            m.at[end], m.x[end] = at, vector[i]
            end += vector[i] != 0
            at += width
        m.entries[number] = end - room * number
        m.at[end], m.x[end] = bias, _LABEL
        m.begins[number, 0], m.begins[number, 1] = room * number, end + 1
        return
    tile, seen, found = shape[mem.TILE], shape[mem.SEEN], 0
    for n in range(shape[mem.TILES]):
        m.starts[n] = found
        for i in range(n * tile, n * tile + tile):
            m.numbers[found] = i
            found += vector[i] != 0
    m.starts[shape[mem.TILES]] = found
    m.entries[number] = found
    for block in range(shape[mem.BLOCKS]):
        m.begins[number, block] = end
        for n in range(seen):
            which = m.tiles[shape[mem.LISTED] + block * seen + n]
            first, last = m.starts[which], m.starts[which + 1]
            m.counts[number, block * seen + n] = last - first
            at = shape[mem.BASE] + block * neurons + (n - which) * tile * width
            for i in range(first, last):
                m.at[end], m.x[end] = at + m.numbers[i] * width, vector[m.numbers[i]]
                end += 1
        m.at[end], m.x[end] = bias + block * neurons, _LABEL
        end += 1
    m.begins[number, shape[mem.BLOCKS]] = end


@part
def forward(m: Any, sizes: Any, layer: int, number: int, labels: int, phase: int) -> None:
    """Pre-activations of a layer without a label, and the clocks of the walk with so many labels."""
    groups, neurons = m.shape[layer, mem.GROUPS], m.shape[layer, mem.NEURONS]
    if m.shape[layer, mem.FIELDS]:
        blocks, seen = m.shape[layer, mem.BLOCKS], m.shape[layer, mem.SEEN]
        counts = m.counts[number, : blocks * seen].reshape((blocks, seen))
        walked = t.forward_tiles(sizes, groups, counts, labels, t.tile_walk)
    else:
        walked = t.forward_walk(sizes, groups, m.entries[number], labels)
    waited = 0
    if layer > 0:
        waited = t.wait(m.tally, phase, not m.shape[layer, mem.FIELDS], m.entries[number])
    t.forward(m.tally, sizes, groups, labels, walked, waited)
    z = 0 if layer == 0 else mem.PART
    for block in range(m.shape[layer, mem.BLOCKS]):
        first, last = m.begins[number, block], m.begins[number, block + 1]
        accumulate(m.w, m.at, m.x, first, last, m.z, z + block * neurons, neurons)


@part
def plain(m: Any, layer: int, part: int) -> None:
    """Activities and sum of squares of a layer without labels, into a part of `Memory.y`."""
    z, shift, width = 0 if layer == 0 else mem.PART, m.shape[layer, mem.SHIFT], m.shape[layer, mem.WIDTH]
    m.totals[part] = activate(m.z, z, m.w, 0, 0, shift, m.y, part * mem.PART, width)


@part
def label_row(m: Any, label: int) -> int:
    """Where the row of a label begins."""
    return m.shape[0, mem.BASE] + (m.shape[0, mem.LABELS] + label) * m.shape[0, mem.WIDTH]


@part
def score(m: Any, label: int, part: int) -> None:
    """Activities and sum of squares of layer 0 under a label, into a part of `Memory.y`."""
    row, shift, width = label_row(m, label), m.shape[0, mem.SHIFT], m.shape[0, mem.WIDTH]
    m.totals[part] = activate(m.z, 0, m.w, row, _LABEL, shift, m.y, part * mem.PART, width)


@part
def errors(m: Any, layer: int, c: int, up: int, down: int, part: int) -> None:
    """Local errors of `up` times the positive activities plus `down` times the negative ones, into a part of `g`."""
    local_errors(c, up, m.y, 0, down, mem.PART, m.g, part * mem.PART, m.shape[layer, mem.WIDTH])


@part
def update(m: Any, layer: int, number: int, part: int, label: int, wrong: int) -> None:
    """Change the rows of a list and the bias by a part of `g`; those of a label and a wrong one by further parts.

    A label of -1 has no row; where there is only one it takes the list's errors.
    """
    r, neurons = m.registers, m.shape[layer, mem.NEURONS]
    u, field, limit, rounded, s = r[mem.RATE], r[mem.BITS], r[mem.LIMIT], r[mem.PLAIN] != 0, m.random[0]
    room = len(m.at) // mem.LISTS
    for block in range(m.shape[layer, mem.BLOCKS]):
        first, last, at = m.begins[number, block], m.begins[number, block + 1], block * neurons
        g = part * mem.PART + at
        s = change(m.w, m.at, m.x, first, last, m.g, g, neurons, s, at, u, field, limit, rounded)
        for place in range(2):
            which = label if place == 0 else wrong
            if which >= 0:
                row = mem.LISTS * room + place
                m.at[row], m.x[row] = label_row(m, which) + at, _LABEL
                mine = (part if wrong < 0 else part + 1 + place) * mem.PART + at
                s = change(m.w, m.at, m.x, row, row + 1, m.g, mine, neurons, s, at, u, field, limit, rounded)
    m.random[0] = s


@part
def update_clocks(m: Any, sizes: Any, layer: int, number: int, extra: int, begin: int, sets: int) -> None:
    """The clocks of an update walk over a list and `extra` rows, of a layer whose learning begins in clock `begin`."""
    groups = m.shape[layer, mem.GROUPS]
    ready, each = t.errors_ready(m.tally, sizes, begin, sets)
    if m.shape[layer, mem.FIELDS]:
        blocks, seen = m.shape[layer, mem.BLOCKS], m.shape[layer, mem.SEEN]
        counts = m.counts[number, : blocks * seen].reshape((blocks, seen))
        words, end = t.update_tiles(sizes, groups, counts, extra, ready, each, t.tile_walk)
    else:
        words, end = t.update_walk(sizes, groups, m.entries[number] + extra, ready, each)
    t.update(m.tally, sizes, words, end)


@part
def normalise_clocks(m: Any, sizes: Any, layer: int, begin: int, part: int, phase: int) -> int:
    """The clock in which the list is there of a part of `y` that is normalised from clock `begin` on."""
    taken, width = 0, m.shape[layer, mem.WIDTH]
    together = sizes.together if sizes.skips else 1
    for first in range(part * mem.PART, part * mem.PART + width, together):
        some = 0
        for j in range(first, first + together):
            some += m.y[j] != 0
        taken += max(1, some)
    return t.normalise(m.tally, sizes, taken, begin, bits(m.totals[part]), phase)


@part
def rise(m: Any, boxes: Any, layer: int, part: int, number: int) -> None:
    """A list becomes that of the layer above `layer`, from a part of `y`: `Network._next`."""
    total, width = m.totals[part], m.shape[layer, mem.WIDTH]
    if total:
        q = (bits(total) - 1) // 2
        shift = 2 * q + 2 - _INDEX
        index = total >> shift if shift >= 0 else total << -shift
        factor = np.int64(m.norms[layer, index]) << _GUARD
        normalise(m.y, part * mem.PART, factor, q + m.shape[layer, mem.OFFSET], m.vector, width)
    else:
        m.vector[:width] = 0
    if m.registers[mem.BOX]:
        for j in range(width):
            m.vector[j] = boxes[layer, m.vector[j]]
    take(m, layer + 1, m.vector, number)


@part
def probability(m: Any, sizes: Any, layer: int, margin: int) -> int:
    """c of a margin, with its clocks: `Network._probability`."""
    k = m.registers[mem.TEMPERATURE + layer]
    t.decide(m.tally, sizes, k)
    c = np.int64(m.sigmoid[min(127, max(-128, margin >> k)) + 128])
    return 0 if c < m.registers[mem.GATE] else c
