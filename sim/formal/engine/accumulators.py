"""Accumulators of 32 bits hold every sum: all configurations that are accepted, both kinds of sums, at their worst."""

from collections.abc import Iterator
from itertools import product

import numpy as np

from ffpga_golden import NetworkConfig
from ffpga_golden.arithmetic import local_error
from ffpga_golden.config import ACTIVITY_MAX, INPUT_MAX, MAX_FEATURES, MAX_WIDTH
from ffpga_golden.dither import field_bits
from formal.prover.broken import Broken
from formal.prover.proof import Fails, Proof

LOW, HIGH = -(1 << 31), (1 << 31) - 1


class Accumulators:
    """Worst cases; sums are monotone in each operand, so that they lie at the ends of its range."""

    def forward(self) -> int:
        """Every accepted number of inputs of each kind of layer, both weights.

        The worst pre-activation has all inputs at 255 and all weights at one limit; the scorer adds half a unit.
        """
        cases = 0
        for bits, classes, (features, layers, recurrent) in product((8, 16), (0, 2, 32), self.shapes()):
            try:
                config = NetworkConfig(
                    features=features, classes=classes, layers=layers, lanes=1, weight_bits=bits, recurrent=recurrent
                )
            except ValueError:
                continue  # refused
            below, above = (features, *layers[:-1]), (*layers[1:], 0)
            inputs = [low + high * recurrent for low, high in zip(below, above, strict=True)]
            inputs[-1 if recurrent else 0] += classes > 0
            worst = (max(inputs) + 1) * INPUT_MAX * config.weight_max
            half = 1 << config.activity_shift[0] - 1
            if worst > HIGH or worst >= 1 << config.sum_bits - 1 or worst + half >= 1 << config.sum_bits + 1:
                raise Fails
            cases += 1
        return cases

    @staticmethod
    def shapes() -> Iterator[tuple[int, tuple[int, ...], bool]]:
        """Features, layers, whether recurrent: each number of inputs of a first, a later and a recurrent layer."""
        for features in range(1, MAX_FEATURES + 1):
            yield features, (1,), False
            for above in (1, MAX_WIDTH):
                yield features, (1, above), True
        for width in range(1, MAX_WIDTH + 1):
            yield 1, (width, 1), False
            yield MAX_FEATURES, (1, width), True
            yield 1, (width, 1, MAX_WIDTH), True

    def update(self) -> int:
        """Every value of the learning-rate register, also those that the driver refuses; both weights.

        The register's low bits shift x; weight and dither stand above.
        """
        pairs = local_error(INPUT_MAX, np.arange(-ACTIVITY_MAX, ACTIVITY_MAX + 1))
        ends = int(pairs.min()), int(pairs.max())
        cases = 0
        for bits, rate in product((8, 16), range(32)):
            most = 127 if bits == 8 else 8191
            place = field_bits(rate) if bits == 8 else 15
            shift = (rate & 7) ^ 7
            for weight, x, g, dither in product((-most, most), (0, INPUT_MAX), ends, (0, (1 << place) - 1)):
                if not LOW <= (weight << place) + (x << shift) * g + dither <= HIGH:
                    raise Fails
                if x << shift >= 1 << 15 or not -(1 << 15) <= g < 1 << 15:
                    raise Fails
                cases += 1
        return cases


def proofs() -> list[Proof]:
    """Forward and update."""
    return [
        Proof(
            name="accumulators: forward",
            claim="no pre-activation overflows its accumulator, nor the bits that the scorer keeps of it",
            of="every accepted number of inputs, both weights, all operands at their ends",
            method="cases",
            check=lambda: Accumulators().forward(),
            quick=True,
            broken=[
                Broken(NetworkConfig, "if inputs * INPUT_MAX * self.weight_max >= 1 << 31:", "if inputs > 1 << 31:"),
                Broken(NetworkConfig, "* self.weight_max).bit_length() + 1", "* self.weight_max).bit_length()"),
            ],
        ),
        Proof(
            name="accumulators: update",
            claim="no update's sum of weight, product and dither overflows",
            of="every value of the learning-rate register, both weights, all operands at their ends",
            method="cases",
            check=lambda: Accumulators().update(),
            quick=True,
            broken=[Broken(Accumulators, "shift = (rate & 7) ^ 7", "shift = ((rate & 7) ^ 7) + 1")],
        ),
    ]
