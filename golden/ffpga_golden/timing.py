"""Clocks of the core, predicted exactly; and the floor that the weight memory sets."""

from .config import NetworkConfig


def update_interval(config: NetworkConfig) -> int:
    """Clocks between two words of an update."""
    return 3 - config.memory_ports


def floor_clocks(config: NetworkConfig, words_read: int, words_updated: int) -> int:
    """Clocks that the weight memory alone needs."""
    return words_read + update_interval(config) * words_updated


class Clock:
    """Clocks and words of one step, counted as the core's sequencer spends them."""

    def __init__(self, config: NetworkConfig) -> None:
        self.config = config
        self.start()

    def start(self) -> None:
        """A step begins."""
        self.clocks = 0
        self.read = 0
        self.updated = 0

    def forward(self, layer: int, inputs: int, labels: int) -> None:
        """A forward walk over `inputs` non-zero inputs, the bias, and `labels` label rows."""
        groups = self.config.groups[layer]
        self.read += groups * (inputs + 1 + labels)

    def select(self) -> None:
        """A scan of the labels' goodness for the best one."""

    def decide(self, k: int) -> None:
        """From two sums of squares, or one and a threshold, to c."""

    def learn(self, layer: int, inputs: list[int], extra: int, phases: int, update: bool) -> None:
        """The update of a layer (one walk for each list of `inputs`) beside the normalisation of `phases` vectors."""
        groups = self.config.groups[layer]
        if update:
            self.updated += groups * sum(count + extra for count in inputs)

    def finish(self, counters: dict[str, int]) -> None:
        """The step ends: its clocks and words go into the counters, modulo 2^32."""
        for name, amount in (("clocks", self.clocks), ("words_read", self.read), ("words_updated", self.updated)):
            counters[name] = (counters[name] + amount) & 0xFFFF_FFFF
