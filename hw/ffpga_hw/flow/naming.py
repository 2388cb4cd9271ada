"""Names of signals, alike in every Python: Amaranth reads them from the instructions behind the call that makes one.

Since 3.13 Python stores two variables in one instruction, at the end of `a, b = Signal(), Signal()`. Amaranth 0.5.10
does not know it and calls b `$signal`: the Verilog has other names, and by their order another netlist and bitstream.
"""

import sys
from opcode import opname
from typing import Any

from amaranth import tracer

#: Instructions that store the call's value, then store or load another variable.
STORES = ("STORE_FAST_STORE_FAST", "STORE_FAST_LOAD_FAST")
#: What may stand before, in Amaranth as well, and two of it in one.
SKIPPED = (
    "LOAD_GLOBAL", "LOAD_NAME", "LOAD_ATTR", "LOAD_FAST", "LOAD_FAST_LOAD_FAST", "LOAD_DEREF", "BUILD_LIST", "CACHE",
    "COPY",
)  # fmt: skip


def get_var_name(depth: int = 2, default: Any = tracer._raise_exception) -> Any:
    """Amaranth's own, and where it finds none, the variable that such an instruction stores first."""
    if (found := _own(depth + 1, None)) is not None:
        return found
    frame = sys._getframe(depth)
    code, at = frame.f_code, frame.f_lasti
    if opname[code.co_code[at]].startswith("CALL"):
        at += 2
        while opname[code.co_code[at]] in SKIPPED:
            at += 2
        if opname[code.co_code[at]] in STORES:
            return code._varname_from_oparg(code.co_code[at + 1] >> 4)
    if default is tracer._raise_exception:
        raise tracer.NameNotFound
    return default


_own = tracer.get_var_name
if sys.version_info >= (3, 13):
    tracer.get_var_name = get_var_name
