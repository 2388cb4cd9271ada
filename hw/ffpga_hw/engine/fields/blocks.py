"""The blocks that a network with receptive fields has in place of ordinary ones: the one place that chooses them."""

from ..control.fetch import Fetch
from ..control.walker import Walker
from ..lanes.dither import Dither
from ..lanes.pipeline import Pipeline
from ..vectors.vector import Vector
from .dither import BlockDither
from .fetch import TileFetch
from .pipeline import BlockPipeline
from .vector import TileVector
from .walker import TileWalker

#: By the ordinary block.
FIELDS = {
    Walker: TileWalker,
    Fetch: TileFetch,
    Pipeline: BlockPipeline,
    Dither: BlockDither,
    Vector: TileVector,
}
