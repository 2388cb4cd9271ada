"""COBS and CRC decoding: what comes out for what goes in, that it never stands still, and where it begins anew."""

from typing import Any

from amaranth.hdl import Cat, Mux, Signal

from ffpga_hw.link.crc import RESIDUE
from ffpga_hw.link.receiver import Receiver
from formal.prover.bench import Bench, one_hot
from formal.prover.broken import Broken
from formal.prover.proof import Proof

#: Clocks from a byte to the next one, where its tokens are taken at once; see `Receiver`.
LONGEST = 12


def decodes(b: Bench) -> None:
    """Beside the receiver a decoder that takes a whole byte at once: the tokens are its own, one for one."""
    m, dut = b.m, Receiver()
    inside = b.inside(dut)
    valid, byte, ready = b.free(1, "valid"), b.free(8, "byte"), b.free(1, "ready")
    b.drive(dut, i_valid=valid, i_payload=byte, o_ready=ready)
    crc, register = inside.crc, inside.crc.state
    taken, given = valid & dut.i.ready, dut.o.valid & ready
    token = dut.o.payload

    # The decoder: bytes left in the block, whether a zero ends it, whether there was a byte.
    left, whole, empty = Signal(8), Signal(), Signal(init=1)
    wanted, last, data, bad = Signal(), Signal(), Signal(8), Signal()  # the token that must come next
    with m.If(given):
        m.d.sync += wanted.eq(0)
    with m.If(taken):
        with m.If(byte == 0):
            m.d.sync += [wanted.eq(~empty), last.eq(1), bad.eq((left != 0) | (register != RESIDUE))]
            m.d.sync += [left.eq(0), whole.eq(0), empty.eq(1)]
        with m.Elif(left == 0):
            m.d.sync += [wanted.eq(~empty & ~whole), last.eq(0), data.eq(0)]
            m.d.sync += [left.eq(byte - 1), whole.eq(byte == 255), empty.eq(0)]
        with m.Else():
            m.d.sync += [wanted.eq(1), last.eq(0), data.eq(byte), left.eq(left - 1)]

    b.claim(~dut.o.valid | (wanted & (token.last == last)))
    b.claim(~(dut.o.valid & last) | (token.bad == bad))
    b.claim(~(dut.o.valid & ~last) | ((token.data == data) & (token.zero == (data == 0))))
    b.claim(~dut.i.ready | ~wanted)  # nothing is left out

    # The CRC takes the 8 bits of each token, the lowest first, and nothing else; it begins anew with each frame.
    fed = Signal(range(9))
    with m.If(taken):
        m.d.sync += fed.eq(0)
    with m.Elif(crc.step):
        m.d.sync += fed.eq(fed + 1)
    b.claim(~crc.step | (wanted & ~last & (fed < 8) & (crc.bit == data.bit_select(fed[:3], 1))))
    b.claim(~(dut.o.valid & ~last) | (fed == 8))
    started = Signal()
    with m.If(crc.start):
        m.d.sync += started.eq(1)
    with m.Elif(taken & (byte != 0)):
        m.d.sync += started.eq(0)
    b.claim(~crc.start | empty)
    b.claim(~(dut.i.ready & empty) | (started & (register == (1 << 32) - 1)))

    # It never stands still: clocks since the last byte in which no token waits for its reader.
    slow = Signal(range(LONGEST + 1))
    m.d.sync += slow.eq(Mux(dut.i.ready, 0, slow + ~(dut.o.valid & ~ready)))
    b.claim(slow < LONGEST)

    # What each state means; claimed too, they lead the prover.
    state = inside.machine._bits
    count = inside.bits

    def means(names: str, *what: Any) -> None:
        for name in names.split():
            for one in what:
                b.claim(~state[name] | one)

    b.claim(one_hot(Cat(*state.values())))
    b.claim(~empty | ((left == 0) & ~whole))
    means("BYTES PAUSE BEGIN", ~wanted)
    means("BYTES PAUSE CRC TOKEN", inside.remaining == left, inside.empty == empty, empty | (inside.full == whole))
    settled = inside.over == (inside.remaining == 0)
    means("BYTES TOKEN", settled)
    means("CRC", (count == 0) | settled)
    means("BYTES PAUSE TOKEN BEGIN CHECK END", count == 0)
    means("BYTES PAUSE", ~empty | (started & (register == (1 << 32) - 1)))
    means("BEGIN CHECK END", empty)
    means("CRC TOKEN", wanted & ~last & ~empty)
    means("CHECK END", wanted & last)
    means("TOKEN", fed == 8, inside.byte == data, inside.zero == (data == 0), slow == 8)
    means("CRC", slow == count, inside.zero == (data == 0))
    means("CRC", fed == count)
    for n in range(8):
        b.claim(~state["CRC"] | (count != n) | (inside.byte.rotate_left(n) == data))
    means("CHECK", bad == (~inside.over | (register != RESIDUE)), slow == 0)
    means("END", inside.bad == bad, slow <= 1)
    means("BEGIN", slow <= 2)
    means("PAUSE", slow <= 3)

    b.witness(given & last)
    b.witness(given & ~last & (data == 0))
    b.witness(given & ~last & (data == 7))


def proofs() -> list[Proof]:
    """One bench for all of it."""
    return [
        Proof(
            name="decoding",
            claim="tokens are those of COBS, the CRC takes their bits; a byte is taken within 12 clocks, unless a "
            "token waits; after a delimiter all is as new",
            of="receiver, any bytes, any waits",
            bench=decodes,
            method="induction",
            depth=2,
            search=50,
            broken=[
                Broken(Receiver, "m.d.sync += [remaining.eq(0), full.eq(0), empty.eq(1)]",
                       "m.d.sync += [full.eq(0), empty.eq(1)]"),
                Broken(Receiver, "full.eq(self.i.payload == 255)", "full.eq(self.i.payload == 254)"),
                Broken(Receiver, "byte.eq(Cat(byte[1:], byte[0]))]", "byte.eq(Cat(byte[1:], byte[1]))]"),
                Broken(Receiver, "with m.If(bits == 7):", "with m.If((bits == 7) & self.o.ready):"),
            ],
        )
    ]  # fmt: skip
