"""The command that loads a sample: in few bits where the device takes them and they are fewer bytes."""

import numpy as np

from ffpga_golden.protocol import Opcode, least_bits, pack_bits, pack_sample, packed_size


def loading(x: np.ndarray, slot: int = 0, *, few_bits: bool) -> tuple[Opcode, bytes]:
    """Opcode and payload that bring a sample, u8[features] in the order of the device's inputs, into a slot.

    The values are exact: in few bits, for a device that takes those, a level has as many as all of the sample's values
    need.
    """
    pairs = pack_sample(x)
    if few_bits:
        bits = least_bits(x)
        if packed_size(x, bits) < len(pairs):
            return Opcode.LOAD_BITS, bytes((bits << 4 | slot,)) + pack_bits(x, bits)
    return Opcode.LOAD_SAMPLE, bytes((slot,)) + pairs
