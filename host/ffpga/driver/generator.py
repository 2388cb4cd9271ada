"""The device's random generator put back to any state.

A device sets the lowest bit of every seed that is written, while half of the states that its generator passes through
have it clear. Such a state is reached from an earlier one, whose lowest bit is set, by steps that change no weight.
"""

import numpy as np

from ffpga_golden.dither import step_back
from ffpga_golden.registers import NegativePolicy, Objective, Polarity

from .device import Device


def put_generator(device: Device, state: int) -> None:
    """Sets the generator to `state`, u32 and not 0.

    Registers, the sample and, without classes, the weights are lost: write them afterwards. Counters go on.
    """
    labelled = device.config.classes > 0
    phases, each = 0, 1 if labelled else device.config.blocks(0)  # steps of the generator in a phase
    while not state & 1:
        for _ in range(each):
            state = step_back(state)
        phases += 1
    device.write_register("seed", state)
    if not phases:
        return
    values = {"objective": Objective.THRESHOLD, "negative_policy": NegativePolicy.HOST, "update_gate": 1}
    if labelled:
        # A negative phase draws a label. Goodness is never below this threshold, so c is at most 128, below the gate.
        values |= {"negative_policy": NegativePolicy.RANDOM, "update_gate": 255}
        values |= {"polarity": Polarity.MINUS_SUM_OF_SQUARES, "threshold0": 0}
        values |= {f"threshold{layer}": 0 for layer in range(device.config.depth)}
    else:
        # Weights of 0 and an empty sample: layer 0 updates its bias row, in each block, by 0, the others are as sure as
        # they can be.
        device.write_weights([np.zeros_like(w) for w in device.read_weights()])
        values |= {"polarity": Polarity.SUM_OF_SQUARES, "threshold0": 0}
        for layer in range(1, device.config.depth):
            values |= {f"threshold{layer}": 2**32 - 1, f"temperature{layer}": 0}
    for name, value in values.items():
        device.write_register(name, int(value))
    device.submit_sample(np.zeros(device.config.features, np.uint8))
    for _ in range(phases):
        device.submit_phase(True, 0)
    device.flush()
