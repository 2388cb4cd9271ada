"""What flows between the blocks of a network with receptive fields beside what an ordinary one has."""

from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import NetworkConfig

from ..signatures.extended import extended
from ..signatures.lanes import Noise
from ..signatures.places import ListPlaces
from ..signatures.walk import ListLengths, ListPort, WalkWord
from .sizes import count_bits, place_bits


class TileLengths(wiring.Signature):
    """Fetch to walker: `ListLengths`, and the next tile to walk.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(
            extended(
                ListLengths(),
                fields=Out(1),  #: the layer that is walked has receptive fields
                found=Out(1),  #: a tile that has entries, or a group's last one: what follows belongs to it
                start=Out(10),  #: its first entry
                count=Out(count_bits(config)),  #: its entries, and what was written behind the list's end
                none=Out(1),  #: it has none
                one=Out(1),  #: it has one
                last=Out(1),  #: it is its group's last one
                fresh=Out(1),  #: its group is the first one of a block, and not the layer's first block
                place=Out(place_bits(config)),  #: which tile of its field it is
                take=In(1),  #: if it is found it is taken: the next one is looked for
                rest=In(1),  #: no walk runs
                walked=In(place_bits(config)),  #: place of the tile whose word is issued
            )
        )


class TileEntry(data.StructLayout):
    """The entries of a tile in its list.

    Parameters
    ----------
    config : NetworkConfig
    pointer : int
        Bits of an entry's place.
    """

    def __init__(self, config: NetworkConfig, pointer: int) -> None:
        super().__init__({"start": pointer, "count": count_bits(config)})


class BlockWord(wiring.Signature):
    """Walker to fetch and pipeline: `WalkWord`, and whether its group begins a block.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(extended(WalkWord(config), fresh=Out(1)))  #: it does, and not the layer's first one


class BlockNoise(wiring.Signature):
    """Pipeline to random generator: `Noise`, and whether a row begins a block.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(extended(Noise(config), fresh=Out(1)))  #: with `first`: of a block that is not the first


class TileListPort(wiring.Signature):
    """Vector unit to fetch: `ListPort`, and the inputs that are 0.

    Parameters
    ----------
    config : NetworkConfig
    places : ListPlaces
    """

    def __init__(self, config: NetworkConfig, places: ListPlaces) -> None:
        super().__init__(
            extended(
                ListPort(config, places),
                made=Out(1),  #: an input was made, `row`; `write` comes with it unless it is 0
                layer=Out(2),  #: whose input it is
            )
        )
