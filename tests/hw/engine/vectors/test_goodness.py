"""Goodness against its golden functions, at the clocks that it promises."""

import numpy as np
import pytest

from ffpga_golden import NetworkConfig
from ffpga_golden import arithmetic as golden
from ffpga_golden.clock import Clock
from ffpga_golden.timing import FINISH
from ffpga_hw.engine.signatures.slots import TotalSlots
from ffpga_hw.engine.vectors.goodness import Goodness

from ...block_bench import CONFIG, UNLABELLED, WIDEST, simulate

MANY = NetworkConfig(features=1, classes=32, layers=(1024, 4), lanes=4)


class GoodnessBench:
    """`Goodness` beside the totals' memory; each of its commands is one call, which checks all that it does."""

    def __init__(self, config: NetworkConfig, seed: int) -> None:
        print(f"seed {seed}")
        self.config, self.rng = config, np.random.RandomState(seed)
        self.dut, self.slots = Goodness(config=config), TotalSlots(config)
        self.totals = [self.any_total() for _ in range(2 * self.slots.upper)]
        self.stored: list[tuple[int, int]] = []
        self.told = bytearray()
        self.finished = 0

    def run(self, script) -> None:
        async def bench(ctx):
            await script(ctx)
            await ctx.tick().repeat(3)
            assert not (self.stored or self.told or self.finished), "nothing more may come"

        simulate(self.dut, self._memory, bench)

    async def _memory(self, ctx):
        dut = self.dut
        totals, answer = dut.totals, dut.answer
        stored = totals.slot, totals.store, totals.store_slot, totals.data
        outputs = *stored, answer.valid, answer.data, dut.decision.done
        async for _, _, slot, store, store_slot, b, valid, result, done in ctx.tick().sample(*outputs):
            ctx.set(totals.total, self.totals[slot])
            if store:
                self.stored.append((store_slot, b))
                self.totals[store_slot] = b
            if valid:
                self.told.append(result)
            self.finished += done

    def any_total(self) -> int:
        """A sum over one layer or several, or a threshold."""
        any_one = int.from_bytes(self.rng.bytes(5), "little") >> 40 - self.rng.randint(1, self.config.goodness_bits + 1)
        return int(self.rng.choice([0, 1, self.top, any_one, any_one]))

    @property
    def top(self) -> int:
        """The largest sum of squares, at least."""
        return (1 << self.config.goodness_bits) - 1

    def any_slots(self, number: int) -> list[int]:
        return self.rng.permutation(len(self.totals))[:number].tolist()

    def set(self, ctx, **inputs: int) -> None:
        for name, value in inputs.items():
            ctx.set(getattr(self.dut.decision, name), value)

    async def command(self, ctx, name: str, wanted: int, answer: bytes = b"", stored: list | None = None) -> None:
        """Starts a command and waits for `done`, which must come so that it takes the clocks `wanted` in all."""
        decision = self.dut.decision
        ctx.set(decision.active, 1)
        if self.rng.rand() < 0.5:
            await ctx.tick().repeat(int(self.rng.randint(1, 12)))
        ctx.set(getattr(decision, name), 1)
        await ctx.tick()
        ctx.set(getattr(decision, name), 0)
        clocks = 2
        while not ctx.get(decision.done):
            clocks += 1
            assert clocks <= wanted
            await ctx.tick()
        assert clocks == wanted
        await ctx.tick()
        assert (bytes(self.told), self.stored, self.finished) == (answer, stored or [], 1), name
        self.told.clear()
        self.stored.clear()
        self.finished = 0

    def clocks(self, method: str, *arguments: int) -> int:
        """What the prediction of the chip's clocks says."""
        clock = Clock(self.config)
        before = clock.clocks
        getattr(clock, method)(*arguments)
        return clock.clocks - before

    async def decide(self, ctx, a: int, b: int, k: int, gate: int, negate: int, pair: int) -> None:
        slot_a, slot_b = self.any_slots(2)
        self.totals[slot_a], self.totals[slot_b] = a, b
        layer = int(self.rng.randint(self.config.depth))
        self.set(ctx, slot_a=slot_a, slot_b=slot_b, negate=negate, pair=pair, layer=layer)
        for other in range(self.config.depth):
            temperature = k if other == layer else int(self.rng.randint(32))
            ctx.set(getattr(self.dut.settings, f"temperature{other}"), temperature)
        ctx.set(self.dut.settings.update_gate, gate)
        c = golden.probability(b - a if negate else a - b, k, gate)
        parts = [(a, c), (b, c)] if pair else [(a, c)]
        answer = b"".join(total.to_bytes(5, "little") + bytes((c,)) for total, c in parts)
        await self.command(ctx, "decide", self.clocks("decide", k), answer)
        assert (ctx.get(self.dut.decided.c), ctx.get(self.dut.decided.total)) == (c, a), (a, b, k, gate, negate)

    async def any_decision(self, ctx) -> None:
        rng = self.rng
        a, b = self.any_total(), self.any_total()
        settings = [int(n) for n in (rng.randint(32), rng.choice([0, 1, 128, 255]), rng.randint(2), rng.randint(2))]
        await self.decide(ctx, a, b, *settings)
        if rng.rand() < 0.5:
            await self.swap(ctx, b)
            assert ctx.get(self.dut.decided.c) == golden.probability(
                (a, b)[settings[2]] - (b, a)[settings[2]], *settings[:2]
            )

    async def swap(self, ctx, b: int) -> None:
        """a becomes b, at the latest 6 clocks later."""
        ctx.set(self.dut.decided.second, 1)
        await ctx.tick()
        ctx.set(self.dut.decided.second, 0)
        await ctx.tick().repeat(5)
        assert ctx.get(self.dut.decided.total) == b
        await ctx.tick()
        assert (self.told, self.stored, self.finished, ctx.get(self.dut.decided.total)) == (b"", [], 0, b)

    async def sum(self, ctx) -> None:
        slot_a, slot_b, slot_sum = self.any_slots(3)
        slot_sum = int(self.rng.choice([slot_a, slot_b, slot_sum]))
        below = self.top * (self.config.depth - 1)  # at most, of the other layers
        a = int(self.rng.choice([below, min(below, self.totals[slot_a])]))
        b = min(self.top, self.totals[slot_b])
        self.totals[slot_a], self.totals[slot_b] = a, b
        first = int(self.rng.randint(2))
        self.set(ctx, slot_a=slot_a, slot_b=slot_b, slot_sum=slot_sum, first=first)
        await self.command(ctx, "sum", self.clocks("sum"), stored=[(slot_sum, a if first else a + b)])
        assert ctx.get(self.dut.decided.total) == b

    async def tell(self, ctx) -> None:
        slot, slot_b = self.any_slots(2)
        self.set(ctx, slot_a=slot, slot_b=slot_b, pair=int(self.rng.randint(2)))
        await self.command(ctx, "tell", self.clocks("tell") + FINISH, self.totals[slot].to_bytes(5, "little"))

    async def select(self, ctx, lowest: int, among: int) -> None:
        rng, classes = self.rng, self.config.classes
        kind = rng.randint(4)
        for label in range(classes):
            self.totals[label] = int(rng.randint(0, 2)) if kind == 0 else self.any_total()
            if kind == 1:  # they differ in one byte alone
                self.totals[label] = 0x44_4444 ^ int(rng.randint(1, 256)) << 8 * int(rng.choice([0, 2]))
            if kind == 2:
                self.totals[label] = self.top - int(rng.randint(3))
        picked = rng.permutation(classes)[: rng.randint(among, classes)].tolist()
        left = picked if among else [label for label in range(classes) if label not in picked]
        best = min(left, key=lambda label: (self.totals[label] if lowest else -self.totals[label], label))
        self.set(ctx, excluded=sum(1 << label for label in picked), among=among)
        ctx.set(self.dut.settings.polarity, lowest)
        await self.command(ctx, "select", self.clocks("select", len(left), classes - len(left)))
        assert ctx.get(self.dut.decision.label) == best, (self.totals[:classes], left, lowest)

    async def write_threshold(self, ctx) -> None:
        """Four bytes, then `keep`, as the link brings them."""
        value, (slot,) = int(self.rng.choice([0, 0xFFFF_FFFF, self.rng.randint(1 << 32)])), self.any_slots(1)
        thresholds = self.dut.thresholds
        ctx.set(self.dut.decision.active, 0)
        ctx.set(thresholds.store_slot, slot)
        ctx.set(thresholds.push, 1)
        for byte in value.to_bytes(4, "little"):
            ctx.set(thresholds.byte, byte)
            await ctx.tick()
        ctx.set(thresholds.push, 0)
        ctx.set(thresholds.byte, 77)
        ctx.set(thresholds.keep, 1)
        await ctx.tick()
        ctx.set(thresholds.keep, 0)
        await ctx.tick().repeat(2)
        assert (self.told, self.stored, self.finished) == (b"", [(slot, value)], 0)
        self.stored.clear()

    async def read_threshold(self, ctx) -> None:
        """The slot, `load`, then each byte with its own `push`; what is pushed goes nowhere."""
        (slot,) = self.any_slots(1)
        thresholds = self.dut.thresholds
        ctx.set(self.dut.decision.active, 0)
        ctx.set(thresholds.slot, slot)
        await ctx.tick()
        ctx.set(thresholds.load, 1)
        await ctx.tick().repeat(int(self.rng.randint(2, 5)))
        ctx.set(thresholds.load, 0)
        ctx.set(thresholds.push, 1)
        found = bytearray()
        for _ in range(4):
            ctx.set(thresholds.byte, int(self.rng.randint(256)))
            found.append(ctx.get(thresholds.value))
            await ctx.tick()
        ctx.set(thresholds.push, 0)
        assert int.from_bytes(found, "little") == self.totals[slot] & 0xFFFF_FFFF
        assert (self.told, self.stored, self.finished) == (b"", [], 0)


FOUR_AND_FIVE = pytest.mark.parametrize("config", [CONFIG, WIDEST], ids=["4 bytes", "5 bytes"])


def test_totals_of_four_and_five_bytes_are_tested():
    assert [config.total_bytes for config in (CONFIG, UNLABELLED, WIDEST, MANY)] == [4, 4, 5, 5]


@FOUR_AND_FIVE
def test_decision_is_probability_and_both_go_into_the_answer(config):
    bench = GoodnessBench(config, 4)
    rng, most = bench.rng, max(bench.top, 0xFFFF_FFFF)

    async def script(ctx):
        for k in range(32):
            for negate in range(2):
                for extreme in ((0, 0), (0, most), (bench.top, 0), (bench.top, most)):
                    await bench.decide(ctx, *extreme, k, 0, negate, int(rng.randint(2)))
                for d in (-129, -128, -127, -17, -1, 0, 1, 40, 126, 127, 128):  # around the ends of what T holds
                    margin = (d << k) + int(rng.choice([0, 1, (1 << k) - 1, rng.randint(1 << k)]))
                    a = int(rng.randint(1 << 30))
                    b = a + margin if negate else a - margin
                    if max(a, b) - min(a, b, 0) > most:
                        continue
                    lift = int(rng.randint(-min(a, b), most - max(a, b) + 1))
                    await bench.decide(ctx, a + lift, b + lift, k, 0, negate, int(rng.randint(2)))

    bench.run(script)


def test_a_probability_below_the_gate_is_0():
    bench = GoodnessBench(CONFIG, 5)

    async def script(ctx):
        for d in range(-128, 128):
            c = golden.probability(d, 0, 0)
            for gate in (c, min(255, c + 1)):
                await bench.decide(ctx, 1000 + d, 1000, 0, gate, 0, 0)

    bench.run(script)


@pytest.mark.parametrize("config", [CONFIG, WIDEST, MANY], ids=["5 labels", "2 labels", "32 labels"])
@pytest.mark.parametrize("lowest", [0, 1])
@pytest.mark.parametrize("among", [0, 1])
def test_select_takes_the_best_label_of_those_that_are_left(config, lowest, among):
    bench = GoodnessBench(config, 6)

    async def script(ctx):
        for _ in range(1000 // (config.classes + 5)):
            await bench.select(ctx, lowest, among)

    bench.run(script)


@pytest.mark.parametrize("config", [CONFIG, UNLABELLED, WIDEST], ids=["4 bytes", "no labels", "5 bytes"])
def test_sum_is_stored_and_told(config):
    bench = GoodnessBench(config, 7)

    async def script(ctx):
        for _ in range(100):
            await bench.sum(ctx)
            await bench.tell(ctx)

    bench.run(script)


@FOUR_AND_FIVE
def test_thresholds_are_written_and_read(config):
    bench = GoodnessBench(config, 8)

    async def script(ctx):
        for _ in range(60):
            await bench.write_threshold(ctx)
            await bench.read_threshold(ctx)

    bench.run(script)


@pytest.mark.parametrize("config", [CONFIG, MANY], ids=["4 bytes", "5 bytes"])
def test_goodness_in_any_order(config):
    """No command leaves anything behind that a later one would take for its own."""
    bench = GoodnessBench(config, 9)

    async def script(ctx):
        for _ in range(400):
            kind = bench.rng.randint(8)
            if kind == 0:
                await bench.select(ctx, int(bench.rng.randint(2)), int(bench.rng.randint(2)))
            else:
                other = bench.sum, bench.tell, bench.write_threshold, bench.read_threshold
                await (other[kind - 1] if kind <= 4 else bench.any_decision)(ctx)

    bench.run(script)
