# amaranth: UnusedElaboratable=no
"""The bus block by block: AXI4-Lite, refusals, the order of commands, answers."""

from collections import deque
from itertools import pairwise
from random import Random

import pytest

from ffpga_golden import GoldenDevice, NegativePolicy, NetworkConfig
from ffpga_golden.protocol import Opcode, Status
from ffpga_hw.bus import Bus
from ffpga_hw.bus.answers import DEPTH, Answers, longest_answer
from ffpga_hw.bus.checks import Checks
from ffpga_hw.bus.dispatcher import Dispatcher
from ffpga_hw.bus.lite import Lite
from ffpga_hw.bus.register_map import Error, Operation
from ffpga_hw.bus_core import BusCore

from ..block_bench import simulate

LABELLED = NetworkConfig(features=20, classes=3, layers=(8, 8), lanes=4)
UNLABELLED = NetworkConfig(features=9, classes=0, layers=(36, 3, 3), lanes=3, black_box=True)


@pytest.mark.parametrize("idle", [0.0, 0.5])
def test_lite_makes_one_access_after_the_other(idle):
    """Writes and reads at once, whichever channel comes first; none is lost, doubled or starved."""
    dut, rng = Lite(), Random(3)
    access = dut.access
    print("seed 3")
    writes = [(rng.randrange(64), rng.getrandbits(32), rng.choice((15, 15, rng.randrange(16)))) for _ in range(60)]
    reads = [rng.randrange(64) for _ in range(60)]
    seen: list[tuple] = []
    said: dict[str, list] = {"b": [], "r": []}

    def sender(channel, items, set_payload):
        async def run(ctx):
            valid, ready = (getattr(dut.s_axi, f"{channel}{end}") for end in ("valid", "ready"))
            for item in items:
                while rng.random() < idle:
                    await ctx.tick()
                set_payload(ctx, item)
                ctx.set(valid, 1)
                await ctx.tick().until(ready)
                ctx.set(valid, 0)

        return run

    def receiver(channel, *values):
        async def run(ctx):
            valid, ready = (getattr(dut.s_axi, f"{channel}{end}") for end in ("valid", "ready"))
            offered = None
            async for _, _, now, taken, *payload in ctx.tick().sample(valid, ready, *values):
                assert offered is None or (now and payload == offered), "what is offered must stay"
                offered = payload if now and not taken else None
                if now and taken:
                    said[channel].append(tuple(payload))
                ctx.set(ready, rng.random() >= idle)

        return run

    async def accesses(ctx):
        while len(seen) < len(writes) + len(reads):
            while not ctx.get(access.request):
                await ctx.tick()
            write, index = ctx.get(access.write), ctx.get(access.index)
            seen.append((write, index, ctx.get(access.data), ctx.get(access.partial)) if write else (write, index))
            for _ in range(rng.randrange(3)):
                await ctx.tick()
            ctx.set(access.error, index % 3 == 0)
            ctx.set(access.value, index * 0x01010101)
            ctx.set(access.done, 1)
            await ctx.tick()
            ctx.set(access.done, 0)
            await ctx.tick()
        await ctx.tick().repeat(20)

    def address(ctx, item):
        ctx.set(dut.s_axi.awaddr, item[0] << 2 | rng.randrange(4))

    def data(ctx, item):
        ctx.set(dut.s_axi.wdata, item[1])
        ctx.set(dut.s_axi.wstrb, item[2])

    def asked(ctx, item):
        ctx.set(dut.s_axi.araddr, item << 2 | rng.randrange(4))

    channels = sender("aw", writes, address), sender("w", writes, data), sender("ar", reads, asked)
    answers = receiver("b", dut.s_axi.bresp), receiver("r", dut.s_axi.rresp, dut.s_axi.rdata)
    simulate(dut, *channels, *answers, accesses)
    assert [item[1:] for item in seen if item[0]] == [(i, d, strobe != 15) for i, d, strobe in writes]
    assert [item[1] for item in seen if not item[0]] == reads
    assert said["b"] == [(2 * (index % 3 == 0),) for index, _, _ in writes]
    assert said["r"] == [(2, 0) if index % 3 == 0 else (0, index * 0x01010101) for index in reads]
    if not idle:
        assert all(a[0] != b[0] for a, b in pairwise(seen)), "in turns"


@pytest.mark.parametrize("config", [LABELLED, UNLABELLED], ids=["labelled", "unlabelled"])
def test_checks_are_those_of_the_golden_device(config):
    """Random commands under each policy, a clock after they are there."""
    dut, rng, golden = Checks(config=config), Random(4), GoldenDevice(config)
    opcodes = (Opcode.TRAIN_PAIR, Opcode.TRAIN_PHASE, Opcode.INFER, Opcode.ACTIVITIES)
    for slot in range(1 if config.classes else 2):
        golden.execute(Opcode.LOAD_SAMPLE, bytes((slot,)))
    errors = {Status.OK: Error.NONE, Status.BAD_OPCODE: Error.BAD_OPERATION, Status.BAD_VALUE: Error.BAD_VALUE}
    found = set()

    async def script(ctx):
        for _ in range(400):
            policy = rng.randrange(4 if config.classes else 3)
            golden.network.write_register("negative_policy", policy)
            operation = rng.randrange(4)
            label, negative = (rng.choice((rng.randrange(4), rng.randrange(256))) for _ in range(2))
            take = rng.choice((0, 1))
            first, second = (negative, label) if operation == Operation.TRAIN_PHASE else (label, negative)
            payload = b"" if operation == Operation.INFER else bytes((first, second))
            status, _ = golden.execute(opcodes[operation], payload)
            ctx.set(dut.negative_policy, policy)
            ctx.set(dut.data, operation | label << 8 | negative << 16 | take << 24)
            await ctx.tick()
            assert ctx.get(dut.command) == errors[status], (operation, label, negative, NegativePolicy(policy))
            found.add(status)
        for word, error in ((4, Error.BAD_OPERATION), (2 | 1 << (25 if config.classes else 26), Error.BAD_VALUE)):
            ctx.set(dut.data, word)
            await ctx.tick()
            assert ctx.get(dut.command) == error

    simulate(dut, script)
    assert found == set(errors) if config.classes else found == {Status.OK, Status.BAD_VALUE}


def test_dispatcher():
    """What a command waits for, what it takes, when the next one begins."""
    dut = Dispatcher(config=LABELLED)
    commands, samples, step = dut.commands, dut.samples, dut.step

    async def script(ctx):
        async def put(label, take):
            ctx.set(commands.given, {"operation": 0, "label": label, "negative": 2})
            ctx.set(commands.take, take)
            ctx.set(commands.put, 1)
            await ctx.tick()
            ctx.set(commands.put, 0)

        await put(1, 1)
        for _ in range(9):  # no sample, no room
            await ctx.tick()
            assert ctx.get(commands.pending) and not ctx.get(samples.commit) and not ctx.get(commands.quiet)
        ctx.set(samples.waiting, 1)
        await ctx.tick()
        assert not ctx.get(samples.commit)
        ctx.set(dut.room, 1)
        assert ctx.get(samples.commit) == 1
        await ctx.tick()
        ctx.set(samples.waiting, 0)
        ctx.set(samples.valid, 1)
        assert not ctx.get(commands.pending) and ctx.get(commands.running)
        await ctx.tick()
        assert ctx.get(step.start) and ctx.get(step.label) == 1
        await put(3, 0)  # waits for the one that runs, whose labels stay
        await ctx.tick().repeat(20)
        assert ctx.get(commands.pending) and ctx.get(step.label) == 1 and not ctx.get(step.start)
        ctx.set(step.done, 1)
        await ctx.tick()
        ctx.set(step.done, 0)
        clocks = 1
        while not ctx.get(step.start):
            await ctx.tick()
            clocks += 1
        assert clocks == 7 and ctx.get(step.label) == 3
        await put(4, 0)
        ctx.set(commands.cancel, 1)
        await ctx.tick()
        ctx.set(commands.cancel, 0)
        ctx.set(step.done, 1)
        await ctx.tick()
        ctx.set(step.done, 0)
        await ctx.tick().repeat(20)
        assert ctx.get(commands.quiet) and ctx.get(step.label) == 3
        # A bad sample is taken, and the command fails until that is heard.
        ctx.set(samples.bad, 1)
        ctx.set(samples.waiting, 1)
        await put(5, 1)
        assert ctx.get(samples.commit) == 1
        await ctx.tick().repeat(5)
        assert ctx.get(commands.failed) and ctx.get(commands.why) == Error.BAD_SAMPLE and ctx.get(commands.running)
        ctx.set(commands.heard, 1)
        await ctx.tick()
        assert ctx.get(commands.quiet)

    simulate(dut, script)


@pytest.mark.parametrize("config", [LABELLED, UNLABELLED], ids=["labelled", "unlabelled"])
def test_answers_are_packets(config):
    """Bytes of the engine at any pace, the end with the last one or later; a reader that refuses half of the time."""
    dut, rng = Answers(config=config), Random(5)
    expected, got = deque(), []

    async def reader(ctx):
        offered, packet = None, bytearray()
        ports = dut.m_axis.tvalid, dut.m_axis.tready, dut.m_axis.tdata, dut.m_axis.tlast
        async for _, _, valid, ready, byte, last in ctx.tick().sample(*ports):
            assert offered is None or (valid and (byte, last) == offered), "what is offered must stay"
            offered = (byte, last) if valid and not ready else None
            if valid and ready:
                packet.append(byte)
                if last:
                    got.append(bytes(packet))
                    packet.clear()
            ctx.set(dut.m_axis.tready, rng.random() < 0.3)

    async def engine(ctx):
        held_back = 0
        for _ in range(60):
            await ctx.tick().repeat(4)
            while not ctx.get(dut.room):
                held_back += 1
                await ctx.tick()
            answer = rng.randbytes(rng.choice((1, longest_answer(config))))
            for number, byte in enumerate(answer):
                ctx.set(dut.result.data, byte)
                ctx.set(dut.result.valid, 1)
                final = number == len(answer) - 1
                late = rng.randrange(3) if final else 0
                ctx.set(dut.end, final and not late)
                await ctx.tick()
                ctx.set(dut.result.valid, 0)
                ctx.set(dut.end, 0)
                if late:
                    await ctx.tick().repeat(late)
                    ctx.set(dut.end, 1)
                    await ctx.tick()
                    ctx.set(dut.end, 0)
                elif not final and rng.random() < 0.3:
                    await ctx.tick().repeat(rng.randrange(1, 3))
            expected.append(answer)
        while len(got) < len(expected):
            await ctx.tick()
        assert held_back > 0 and 2 * longest_answer(config) <= DEPTH

    simulate(dut, reader, engine)
    assert got == list(expected)


@pytest.mark.parametrize("component", [Bus, BusCore])
def test_config_must_be_one(component):
    with pytest.raises(TypeError, match="config must be a NetworkConfig, not 784"):
        component(config=784)
