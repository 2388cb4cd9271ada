"""Runs of training steps and of inferences, each in one compiled function: what `Network` does, bit for bit."""

from typing import Any

import numpy as np

from .. import timing as t
from ..registers import NegativePolicy
from . import memory as mem
from .caching import njit, part
from .vectors import after
from .walks import (
    errors,
    forward,
    normalise_clocks,
    plain,
    probability,
    rise,
    score,
    take,
    update,
    update_clocks,
)

#: Kinds of a step, the last column of `train`'s work.
PAIR, POSITIVE, NEGATIVE = range(3)

_HARD, _RANDOM, _HOST, _OWN = (int(policy) for policy in NegativePolicy)
_WORD = 0xFFFF_FFFF
_CONTROL, _DECIDE = t.IN_CONTROL, t.IN_DECIDE


@part
def _count(m: Any, counter: int, amount: int) -> None:
    m.counters[counter] = (m.counters[counter] + amount) & _WORD


@part
def _finish(m: Any, what: int) -> None:
    """The step's end: `Clock.finish`."""
    t.finish(m.tally, what)
    _count(m, mem.CLOCKS, m.tally[t.CLOCKS])
    _count(m, mem.READ, m.tally[t.READ])
    _count(m, mem.UPDATED, m.tally[t.UPDATED])


# Wrong labels: `WrongLabels` ------------------------------------------------------------------------------------------
@part
def _draws(m: Any) -> bool:
    r = m.registers
    few = r[mem.POLICY] == _HARD and r[mem.CONTENDERS] < r[mem.CLASSES] - 1
    return r[mem.CLASSES] > 0 and (few or r[mem.POLICY] == _RANDOM or r[mem.POLICY] == _OWN)


@part
def _drawn(m: Any) -> int:
    m.random[0] = after(m.random[0])
    return np.int64(m.random[0])


@part
def _from(m: Any, label: int, drawn: int, n: int) -> int:
    """The n-th wrong label in turn, from the one on that a draw says."""
    classes = m.registers[mem.CLASSES]
    return (label + 1 + (((drawn >> 24) * (classes - 1) >> 8) + n) % (classes - 1)) % classes


@part
def _given(m: Any, label: int, host: int) -> int:
    return _from(m, label, _drawn(m), 0) if _draws(m) else host


@part
def _contest(m: Any, sizes: Any, label: int) -> int:
    """The hardest label that takes part; the true one's activities are in part 0 of `y` then."""
    r = m.registers
    classes, contenders = r[mem.CLASSES], r[mem.CONTENDERS]
    drawn, scored = _drawn(m) if _draws(m) else 0, classes
    if contenders < classes - 1:
        scored = contenders + 1
        m.out[:classes] = 1
        m.labels[0] = label
        for n in range(contenders):
            m.labels[n + 1] = _from(m, label, drawn, n)
            m.out[m.labels[n + 1]] = 0
    else:
        m.out[:classes] = 0
        m.out[label] = 1
        for n in range(classes):
            m.labels[n] = n
    left = scored - 1
    if r[mem.POLICY] == _OWN:
        taking = 0
        for n in range(classes):
            taking += m.out[n] == 0 and (drawn >> n & 1) == 0
        if taking:
            left = taking
            for n in range(classes):
                if drawn >> n & 1:
                    m.out[n] = 1
    forward(m, sizes, 0, 0, scored, 0)
    for n in range(scored):
        which = m.labels[n]
        part = 0 if which == label else 2
        score(m, which, part)
        m.goodness[which] = r[mem.SIGN] * m.totals[part]
    t.select(m.tally, sizes, left, classes - left)
    best = -1
    for n in range(classes):
        if m.out[n] == 0 and (best < 0 or m.goodness[n] > m.goodness[best]):
            best = n
    return best


# Training -------------------------------------------------------------------------------------------------------------
@part
def _learned(m: Any, sizes: Any, layer: int, begin: int, sets: int, c: int, phases: int) -> None:
    """The end of a layer's learning: its activities are normalised, if there is a layer above."""
    t.control(m.tally, 1)
    ready = t.errors_done(sizes, begin, m.shape[layer, mem.WIDTH], sets, c > 0)
    if layer + 1 < m.registers[mem.DEPTH]:
        for phase in range(phases):
            ready = normalise_clocks(m, sizes, layer, ready, phase, phase)
    _count(m, mem.UPDATES if c else mem.SKIPPED, 1)


@part
def _contrast(m: Any, sizes: Any, boxes: Any, label: int, host: int, squares: Any, chances: Any) -> int:
    r = m.registers
    sign, used = r[mem.SIGN], 255
    for layer in range(r[mem.DEPTH]):
        labelled = layer == 0 and r[mem.CLASSES] > 0
        pos, neg = (0, 1) if layer == 0 else (2, 3)
        if labelled:
            if r[mem.POLICY] == _HARD or r[mem.POLICY] == _OWN:
                used = _contest(m, sizes, label)
            else:
                used = _given(m, label, host)
                forward(m, sizes, 0, 0, 2, 0)
                score(m, label, 0)
            score(m, used, 1)
        else:
            forward(m, sizes, layer, pos, 0, 0)
            plain(m, layer, 0)
            forward(m, sizes, layer, neg, 0, 1)
            plain(m, layer, 1)
        c = probability(m, sizes, layer, sign * (m.totals[0] - m.totals[1]))
        for phase in range(2):
            squares[2 * layer + phase], chances[2 * layer + phase] = m.totals[phase], c
        begin, sets = m.tally[t.CLOCKS], 3 if labelled else 2
        t.control(m.tally, 1)
        if c and labelled:
            errors(m, 0, c, sign, -sign, 0)
            errors(m, 0, c, sign, 0, 1)
            errors(m, 0, c, 0, -sign, 2)
            update(m, 0, 0, 0, label, used)
            update_clocks(m, sizes, 0, 0, 3, begin, 3)
        elif c:
            errors(m, layer, c, sign, 0, 0)
            errors(m, layer, c, 0, -sign, 1)
            update(m, layer, pos, 0, -1, -1)
            update(m, layer, neg, 1, -1, -1)
            update_clocks(m, sizes, layer, pos, 1, begin, 2)
            update_clocks(m, sizes, layer, neg, 1, begin, 2)
        _learned(m, sizes, layer, begin, sets, c, 2)
        if layer + 1 < r[mem.DEPTH]:
            rise(m, boxes, layer, 0, 2)
            rise(m, boxes, layer, 1, 3)
    return used


@part
def _phase(
    m: Any, sizes: Any, boxes: Any, number: int, label: int, negative: bool, squares: Any, chances: Any, entry: int
) -> int:
    r = m.registers
    used, sign = label if r[mem.CLASSES] else 255, -r[mem.SIGN] if negative else r[mem.SIGN]
    for layer in range(r[mem.DEPTH]):
        labelled = layer == 0 and r[mem.CLASSES] > 0
        mine = number if layer == 0 else 2
        if labelled:
            if negative and (r[mem.POLICY] == _HARD or r[mem.POLICY] == _OWN):
                used = _contest(m, sizes, label)
            else:
                if negative:
                    used = _given(m, label, label)
                forward(m, sizes, 0, mine, 1, 0)
            score(m, used, 0)
        else:
            forward(m, sizes, layer, mine, 0, 0)
            plain(m, layer, 0)
        c = probability(m, sizes, layer, sign * (m.totals[0] - r[mem.THRESHOLD + layer]))
        squares[entry + layer], chances[entry + layer] = m.totals[0], c
        begin = m.tally[t.CLOCKS]
        t.control(m.tally, 1)
        if c:
            errors(m, layer, c, sign, 0, 0)
            update(m, layer, mine, 0, used if labelled else -1, -1)
            update_clocks(m, sizes, layer, mine, 2 if labelled else 1, begin, 1)
        _learned(m, sizes, layer, begin, 1, c, 1)
        if layer + 1 < r[mem.DEPTH]:
            rise(m, boxes, layer, 0, 2)
    return used


@njit(cache=True)
def train(
    m: Any, sizes: Any, boxes: Any, x: np.ndarray, other: np.ndarray, work: np.ndarray, squares: np.ndarray,
    chances: np.ndarray, labels: np.ndarray,
) -> None:  # fmt: skip
    """Training steps in turn.

    Parameters
    ----------
    m : Memory
    sizes : timing.Sizes
    boxes : u8[depth - 1, 256]
        The tables of a black box.
    x : u8[n, features]
        Samples; without classes the positive ones, and `other` the negative ones.
    work : int64[n, 3]
        Label, the host's wrong label, and kind of each.
    squares, chances, labels : int64[n, 2 depth], u8[n, 2 depth], u8[n]
        The answers.
    """
    r = m.registers
    for n in range(len(work)):
        label, host, kind = work[n]
        paired = kind == PAIR
        draws = _draws(m)
        take(m, 0, x[n], 0)
        if paired and r[mem.CLASSES] == 0:
            take(m, 0, other[n], 1)
        if paired and r[mem.OBJECTIVE] == 0:
            t.start(m.tally, draws)
            used = _contrast(m, sizes, boxes, label, host, squares[n], chances[n])
        else:
            t.start(m.tally, kind == NEGATIVE and draws)
            used = _phase(m, sizes, boxes, 0, label, kind == NEGATIVE, squares[n], chances[n], 0)
            if paired:
                t.again(m.tally, draws)
                wrong = host if r[mem.POLICY] == _HOST else label
                second = 0 if r[mem.CLASSES] else 1
                used = _phase(m, sizes, boxes, second, wrong, True, squares[n], chances[n], r[mem.DEPTH])
        labels[n] = used
        _count(m, mem.PAIRS if paired else mem.PHASES, 1)
        _finish(m, _CONTROL)


# Inference ------------------------------------------------------------------------------------------------------------
@njit(cache=True)
def infer(m: Any, sizes: Any, boxes: Any, x: np.ndarray, labels: np.ndarray, sums: np.ndarray) -> None:
    """Inferences in turn: labels u8[n] and sums of squares int64[n] of samples u8[n, features]."""
    r = m.registers
    classes, sign, depth = r[mem.CLASSES], r[mem.SIGN], r[mem.DEPTH]
    several = max(1, classes)
    shortlist = min(max(1, r[mem.SHORTLIST]), several)
    for n in range(len(x)):
        t.start(m.tally, False)
        take(m, 0, x[n], 0)
        forward(m, sizes, 0, 0, classes, 0)
        for which in range(classes):
            score(m, which, 0)
            m.goodness[which] = sign * m.totals[0]
        m.out[:] = 0
        best, highest = -1, 0
        for done in range(shortlist):
            one = -1
            for which in range(several):
                if m.out[which] == 0 and (one < 0 or m.goodness[which] > m.goodness[one]):
                    one = which
            m.out[one] = 1
            if classes:
                t.select(m.tally, sizes, classes - done, done)
                score(m, one, 0)
            else:
                plain(m, 0, 0)
            t.add(m.tally, sizes)
            total = m.totals[0]
            if shortlist > 1 or classes == 0:
                for layer in range(1, depth):
                    normalise_clocks(m, sizes, layer - 1, m.tally[t.CLOCKS] + 2, 0, 0)
                    t.control(m.tally, 2)
                    rise(m, boxes, layer - 1, 0, 2)
                    forward(m, sizes, layer, 2, 0, 0)
                    plain(m, layer, 0)
                    t.add(m.tally, sizes)
                    total += m.totals[0]
            t.candidate(m.tally, sizes)
            if best < 0 or sign * total > sign * highest or (total == highest and one < best):
                best, highest = one, total
        if classes:
            t.select(m.tally, sizes, shortlist, classes - shortlist)
        t.tell(m.tally, sizes)
        labels[n], sums[n] = best if classes else 255, highest
        _count(m, mem.INFERENCES, 1)
        _finish(m, _DECIDE)
