"""What flows between a recurrent network's blocks beside what an ordinary one has."""

from amaranth.lib import wiring
from amaranth.lib.wiring import Out

from ffpga_golden import NetworkConfig

from ..signatures.extended import extended
from ..signatures.vectors import Decision, VectorOrder
from ..signatures.walk import ListLengths, WalkInputs


class RecurrentInputs(wiring.Signature):
    """Sequencer to fetch: `WalkInputs`, and of which time they are.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(
            extended(
                WalkInputs(config),
                bottom_up=Out(1),  #: there is nothing from above
                odd=Out(1),  #: the inputs are of an odd time
                common=Out(1),  #: below the top layer both phases have the lists of the first
            )
        )


class RecurrentLengths(wiring.Signature):
    """Fetch to walker: `ListLengths`, and the entries of the list from above."""

    def __init__(self) -> None:
        super().__init__(extended(ListLengths(), above=Out(11)))


class RecurrentDecision(wiring.Signature):
    """Sequencer to goodness: `Decision`, and whether it is told.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(extended(Decision(config), quiet=Out(1)))  #: the answer does not tell this goodness


class RecurrentVectorOrder(wiring.Signature):
    """Sequencer to vector unit: `VectorOrder`, and the time.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(extended(VectorOrder(config), odd=Out(1)))  #: the activities are of an odd time
