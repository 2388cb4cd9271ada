"""A conversation's commands over AXI, and the same ones with the golden device: answers, values, refusals."""

import struct
from collections import deque
from random import Random

from ffpga_golden import COUNTERS, GoldenDevice, registers
from ffpga_golden.protocol import PART, PAYLOAD_MAX, Opcode, Status
from ffpga_hw.bus.register_map import Error, Operation
from testbenches.conversations.conversation import Command

from .bench import AxiChip

OPERATIONS = {
    Opcode.TRAIN_PAIR: Operation.TRAIN_PAIR,
    Opcode.TRAIN_PHASE: Operation.TRAIN_PHASE,
    Opcode.INFER: Operation.INFER,
    Opcode.ACTIVITIES: Operation.ACTIVITIES,
}
#: What the bus says where the golden device says this.
ERRORS = {
    Status.OK: Error.NONE,
    Status.BAD_OPCODE: Error.BAD_OPERATION,
    Status.BAD_VALUE: Error.BAD_VALUE,
    Status.NO_SAMPLE: Error.NO_SAMPLE,
}


class AxiConversation:
    """Says commands of the byte protocol to a chip behind AXI, as far as it has them, and compares.

    Parameters
    ----------
    chip : AxiChip
    golden : GoldenDevice
    seed : int
        Decides which samples go through the register.
    in_flight : bool
        Whether a step is sent while another one runs, and answers are read later.
    """

    def __init__(self, chip: AxiChip, golden: GoldenDevice, seed: int, in_flight: bool) -> None:
        self.chip, self.golden, self.config = chip, golden, golden.config
        self._in_flight, self._random = in_flight, Random(seed)
        self._slots = 1 if self.config.classes else 2
        self._loaded = 0  # samples that the next step takes, a bit a slot
        self._expected: deque[bytes] = deque()
        self.steps = 0

    async def say(self, opcode: int, payload: bytes) -> None:
        """One command; AssertionError where chip and golden device differ."""
        if opcode == Opcode.LOAD_SAMPLE or (opcode == Opcode.LOAD_BITS and self.config.few_bits):
            await self._load(Opcode(opcode), payload)
            return
        if opcode in OPERATIONS:
            await self._step(Opcode(opcode), payload)
            return
        status, answer = self.golden.execute(opcode, payload)
        if status == Status.BAD_LENGTH or opcode == Opcode.IDENTIFY:
            return
        await self.chip.idle()
        others = {
            Opcode.READ_REGISTER: self._read_register,
            Opcode.WRITE_REGISTER: self._write_register,
            Opcode.READ_WEIGHTS: self._read_weights,
            Opcode.WRITE_WEIGHTS: self._write_weights,
            Opcode.READ_TABLE: self._table,
            Opcode.WRITE_TABLE: self._table,
            Opcode.COUNTERS: self._counters,
        }
        if opcode in others:
            await others[Opcode(opcode)](opcode, payload, status, answer)
        else:
            assert await self.chip.write("COMMAND", opcode | 4) == Error.BAD_OPERATION

    async def end(self) -> None:
        """All answers that are still to come."""
        while self._expected:
            await self._answer()

    async def _answer(self) -> None:
        answer, expected = await self.chip.answer(), self._expected.popleft()
        assert answer == expected, f"{answer.hex(' ')}, not {expected.hex(' ')}"

    # Steps ---------------------------------------------------------------------------------------------------------
    async def _step(self, opcode: Opcode, payload: bytes) -> None:
        status, answer = self.golden.execute(opcode, payload)
        if status == Status.BAD_LENGTH:
            return
        first, second = (*payload, 0, 0)[:2]
        label, negative = (second, first) if opcode == Opcode.TRAIN_PHASE else (first, second)
        if not self._in_flight or status != Status.OK:
            await self.chip.idle()
        await self.chip.until("waiting", 0)
        word = OPERATIONS[opcode] | label << 8 | negative << 16 | self._loaded << 24
        error = await self.chip.write("COMMAND", word)
        if status in (Status.BAD_VALUE, Status.BAD_OPCODE):
            assert error == ERRORS[status], (opcode.name, payload.hex())
            return
        assert error == Error.NONE, (opcode.name, payload.hex(), error)
        self._loaded = 0
        if status == Status.OK:
            self.steps += 1
            self._expected.append(answer)
            while self._expected and not (self._in_flight and len(self._expected) < 3):
                await self._answer()
        else:
            await self.chip.idle()
            assert await self.chip.fault() == ERRORS[status]

    async def _load(self, opcode: Opcode, payload: bytes) -> None:
        pairs = opcode == Opcode.LOAD_SAMPLE
        if not payload or (pairs and (len(payload) % 2 == 0 or payload[0] >= self._slots)):
            return
        if not pairs and payload[0] < 16:  # here that is a sample of pairs
            return
        slot = payload[0] % self._slots
        if self._loaded >> slot & 1:  # the one that waits is to be replaced
            await self._step(Opcode.INFER, b"")
        payload += bytes(1 - len(payload) % 2)  # whole beats: a sample that lacks its last byte, a 0, is whole again
        status, _ = self.golden.execute(opcode, payload)
        self._loaded |= 1 << slot
        header = self.config.few_bits or not self.config.classes
        beats = (bytes((payload[0], 0)) if header else b"") + payload[1:] or bytes(2)
        if self._in_flight or self._random.random() < 0.5 or not self.chip.source.empty():
            self.chip.send(beats)
        else:
            for at in range(0, len(beats), 2):
                last = at + 2 == len(beats)
                word = int.from_bytes(beats[at : at + 2], "little") | last << 16
                assert await self.chip.write("SAMPLE", word) == Error.NONE
        if status != Status.OK:
            await self.chip.idle()
            taken, self._loaded = self._loaded, 0
            assert await self.chip.write("COMMAND", Operation.INFER | taken << 24) == Error.NONE
            await self.chip.idle()
            assert await self.chip.fault() == Error.BAD_SAMPLE, (opcode.name, payload.hex())

    # Registers -----------------------------------------------------------------------------------------------------
    def _register(self, address: int) -> str | None:
        return next((r.name.upper() for r in registers(self.config) if r.address == address), None)

    async def _read_register(self, opcode: int, payload: bytes, status: Status, answer: bytes) -> None:
        name = self._register(payload[0])
        assert (name is not None) == (status == Status.OK)
        if name is not None:
            assert await self.chip.read(name) == (Error.NONE, int.from_bytes(answer, "little")), name

    async def _write_register(self, opcode: int, payload: bytes, status: Status, answer: bytes) -> None:
        name = self._register(payload[0])
        if status == Status.OK:
            assert await self.chip.write(name, int.from_bytes(payload[1:], "little")) == Error.NONE

    async def _counters(self, opcode: int, payload: bytes, status: Status, answer: bytes) -> None:
        counted = {}
        for name in COUNTERS:
            error, counted[name] = await self.chip.read(f"COUNT_{name.upper()}")
            assert error == Error.NONE
        expected = dict(zip(COUNTERS, struct.unpack(f"<{len(COUNTERS)}I", answer), strict=True))
        assert counted == {**expected, "link_errors": self.chip.refused}

    # Weights and tables --------------------------------------------------------------------------------------------
    async def _go(self, payload: bytes) -> tuple[Error, int]:
        """Address a weight; returns its number in the memory."""
        word, lane = struct.unpack_from("<HB", payload)
        error = await self.chip.write("WEIGHT_ADDRESS", word | lane << 16)
        good = word < self.config.words and lane < self.config.lanes
        assert error == (Error.NONE if good else Error.BAD_VALUE)
        if good:
            assert await self.chip.read("WEIGHT_ADDRESS") == (Error.NONE, word | lane << 16)
        return error, word * self.config.lanes + lane

    async def _read_weights(self, opcode: int, payload: bytes, status: Status, answer: bytes) -> None:
        error, first = await self._go(payload)
        if error != Error.NONE:
            return
        if status != Status.OK and payload[3]:  # beyond the last one: read to the end
            count = self.config.weights - first
            if count * self.config.weight_bits // 8 > PAYLOAD_MAX:  # that is no fault here
                return
            status, answer = self.golden.execute(opcode, payload[:3] + bytes((count,)))
            assert status == Status.OK
            await self._weights(answer)
            assert await self.chip.read("WEIGHT") == (Error.BAD_VALUE, 0)
            assert await self.chip.write("WEIGHT", 1) == Error.BAD_VALUE
        else:
            await self._weights(answer)

    async def _weights(self, answer: bytes) -> None:
        size = self.config.weight_bits // 8
        for at in range(0, len(answer), size):
            value = int.from_bytes(answer[at : at + size], "little", signed=True)
            assert await self.chip.read("WEIGHT") == (Error.NONE, value & 0xFFFF_FFFF)

    async def _write_weights(self, opcode: int, payload: bytes, status: Status, answer: bytes) -> None:
        if status != Status.OK:
            return
        await self._go(payload)
        size = self.config.weight_bits // 8
        for at in range(3, len(payload), size):
            value = int.from_bytes(payload[at : at + size], "little", signed=True)
            assert await self.chip.write("WEIGHT", value & 0xFFFF_FFFF) == Error.NONE

    async def _table(self, opcode: int, payload: bytes, status: Status, answer: bytes) -> None:
        if not self.config.black_box:
            return
        layer, part = payload[:2]
        error = await self.chip.write("TABLE_ADDRESS", layer << 8 | part * PART & 255)
        if layer >= self.config.depth - 1:
            assert error == Error.BAD_VALUE
        elif status == Status.OK:
            assert error == Error.NONE
            for value in payload[2:]:
                assert await self.chip.write("TABLE", value) == Error.NONE
            for value in answer:
                assert await self.chip.read("TABLE") == (Error.NONE, value)


async def converse(conversation: AxiConversation, commands: list[Command]) -> None:
    """Say all of them."""
    for opcode, payload in commands:
        await conversation.say(opcode, payload)
    await conversation.end()
