"""The pipeline of a recurrent network."""

from amaranth import Value

from ..lanes.pipeline import Pipeline


class RecurrentPipeline(Pipeline):
    """`Pipeline` whose walks each have one label, that of their phase: its local errors are the list's."""

    def _label_set(self, ordinal: Value) -> Value:
        return self.state.set
