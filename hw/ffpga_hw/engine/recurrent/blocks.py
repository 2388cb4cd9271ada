"""The blocks that a recurrent network has in place of ordinary ones: the one place that chooses between them."""

from ..control.fetch import Fetch
from ..control.sequencer import Sequencer
from ..control.walker import Walker
from ..lanes.pipeline import Pipeline
from ..vectors.goodness import Goodness
from ..vectors.vector import Vector
from .fetch import RecurrentFetch
from .goodness import RecurrentGoodness
from .pipeline import RecurrentPipeline
from .sequencer import RecurrentSequencer
from .vector import RecurrentVector
from .walker import RecurrentWalker

#: By the ordinary block.
RECURRENT = {
    Sequencer: RecurrentSequencer,
    Walker: RecurrentWalker,
    Fetch: RecurrentFetch,
    Pipeline: RecurrentPipeline,
    Vector: RecurrentVector,
    Goodness: RecurrentGoodness,
}
