"""The table of configurations that the whole chip is compared on; awkward ones among them."""

from dataclasses import dataclass

from ffpga_golden.config import NetworkConfig
from ffpga_golden.fields import Fields


@dataclass(frozen=True)
class Case:
    """A configuration and how it is exercised.

    Parameters
    ----------
    config : NetworkConfig
    steps : int
        Training steps of each setting of the registers.
    settings : int
        How many settings are drawn; every objective, polarity and policy comes up in any eight of them.
    weights : str
        "initial" as the host writes them, "extreme" all at the limits, "zero".
    """

    config: NetworkConfig
    steps: int = 2
    settings: int = 8
    weights: str = "initial"


def _config(features: int, layers: tuple[int, ...], lanes: int, classes: int, **options: int) -> NetworkConfig:
    return NetworkConfig(features=features, layers=layers, lanes=lanes, classes=classes, **options)


def _fields(
    features: int, layers: tuple[int, ...], lanes: int, classes: int, *fields: Fields | None, **options: int
) -> NetworkConfig:
    return NetworkConfig(features=features, layers=layers, lanes=lanes, classes=classes, fields=fields, **options)


CONFIGURATIONS = {
    "awkward": Case(_config(37, (24, 16, 8), 4, 5)),
    "two-classes": Case(_config(12, (8, 8), 4, 2)),
    "one-lane": Case(_config(9, (5, 3), 1, 3)),
    "sixteen-bit": Case(_config(20, (8, 12), 4, 4, weight_bits=16)),
    "sixteen-bit-extreme": Case(_config(14, (8, 8), 8, 3, weight_bits=16, memory_ports=2), weights="extreme"),
    "one-layer": Case(_config(16, (12,), 4, 6)),
    "one-neuron": Case(_config(3, (1,), 1, 2)),
    "no-classes": Case(_config(18, (8, 8), 4, 0)),
    "no-classes-one-lane": Case(_config(6, (4, 2, 3), 1, 0, memory_ports=2)),
    "no-classes-wide": Case(_config(18, (72, 40), 8, 0)),
    "packed": Case(_config(11, (40, 72, 12), 4, 5), settings=4),
    "black-box": Case(_config(25, (16, 8, 12), 4, 5, black_box=True)),
    "black-box-two-ports": Case(_config(12, (40, 8), 8, 0, memory_ports=2, black_box=True)),
    "recurrent": Case(_config(9, (8, 12), 4, 4, recurrent=True), steps=1),
    "recurrent-three-layers": Case(_config(5, (4, 2, 6), 2, 3, recurrent=True, memory_ports=2), steps=1, settings=4),
    "one-feature": Case(_config(1, (8, 4), 4, 3)),
    "many-lanes": Case(_config(10, (64, 64), 64, 4), settings=2),
    "many-classes": Case(_config(11, (8, 8), 8, 32)),
    "two-ports": Case(_config(23, (16, 8), 8, 5, memory_ports=2)),
    "three-lanes": Case(_config(13, (9, 6), 3, 3)),
    "four-layers": Case(_config(15, (6, 4, 8, 2), 2, 3, memory_ports=2)),
    "far-apart": Case(_config(700, (4, 4), 4, 2)),
    "extreme": Case(_config(40, (16, 16), 8, 4), weights="extreme"),
    "fields": Case(_fields(32, (24, 16), 4, 5, Fields(tile=4, blocks=((0, 1, 4), (1, 2, 5), (3, 6, 7))), None)),
    "fields-above": Case(
        _fields(
            11,
            (16, 12, 8),
            2,
            3,
            None,
            Fields(tile=4, blocks=((0, 1), (1, 3), (2, 3))),
            Fields(tile=2, blocks=((0, 2, 5), (1, 2, 3))),
        )
    ),
    "fields-two-ports": Case(
        _fields(
            48,
            (32, 16),
            8,
            4,
            Fields(tile=8, blocks=((0, 1), (1, 2), (2, 3), (4, 5))),
            Fields(tile=16, blocks=((0,), (1,))),
            memory_ports=2,
        )
    ),
    "fields-no-classes": Case(
        _fields(
            24,
            (16, 8),
            8,
            0,
            Fields(tile=2, blocks=((0, 1, 2, 3, 4, 5), (6, 7, 8, 9, 10, 11))),
            Fields(tile=8, blocks=((1,),)),
            black_box=True,
        )
    ),
    # As those of the boards: a block is one group, and a layer without fields comes behind.
    "fields-one-group": Case(
        _fields(18, (12, 16), 4, 3, Fields(tile=2, blocks=((0, 1, 4), (2, 3, 8), (5, 6, 7))), None)
    ),
    "fields-sixteen-lanes": Case(_fields(30, (32,), 16, 3, Fields(tile=1, blocks=((0, 7, 29), (3, 4, 5))))),
    "few-bits": Case(_config(21, (12, 8), 4, 4, few_bits=True)),
    "few-bits-fields": Case(
        _fields(40, (16,), 8, 0, Fields(tile=8, blocks=((0, 1, 3), (1, 2, 4))), few_bits=True, memory_ports=2)
    ),
    "zero": Case(_config(12, (8, 8), 8, 3), weights="zero"),
}

#: Those of the chip behind AXI, where an access to a register takes the bench long.
AXI_CONFIGURATIONS = {
    "labelled": Case(_config(9, (6, 3), 3, 3), settings=2),
    "sixteen-bit": Case(_config(6, (4, 4), 4, 4, weight_bits=16, memory_ports=2), settings=2),
    "no-classes": Case(_config(5, (36, 4), 4, 0, black_box=True), settings=2),
    "fields": Case(_fields(8, (8, 4), 4, 0, Fields(tile=2, blocks=((0, 1), (2, 3))), None), settings=2),
    "few-bits": Case(_config(11, (4, 4), 4, 0, few_bits=True), settings=2),
}
