"""What a device says that it is: its configuration, and of its receptive fields a tag."""

from ffpga_golden.config import NetworkConfig
from ffpga_golden.fields import Fields
from ffpga_golden.protocol import fields_tag, unpack_config

from ..errors import FfpgaError


def identified(said: bytes, fields: tuple[Fields | None, ...]) -> NetworkConfig:
    """The configuration of a device.

    Parameters
    ----------
    said : bytes
        Its configuration block.
    fields : tuple of Fields or None
        The receptive fields that it should have.

    Raises
    ------
    FfpgaError
        It has others, or it is what there cannot be.
    """
    at = 8 + 2 * said[7] if len(said) >= 8 else 0
    if at and len(said) == at + (said[6] & 4):
        _check(int.from_bytes(said[at:], "little"), fields_tag(fields))
    try:
        return unpack_config(said, fields)
    except (ValueError, TypeError) as error:
        raise FfpgaError(f"the device says that it is what there cannot be ({error}): load a bitstream") from None


def _check(found: int, asked: int) -> None:
    """FfpgaError where the tags are not of the same fields; 0 is of none."""
    if found == asked:
        return
    if not asked:
        raise FfpgaError(
            f"the device has receptive fields {found:08x}, and none were given: give the configuration that has them, "
            "such as with --fields"
        )
    held = f"receptive fields {found:08x}" if found else "no receptive fields"
    raise FfpgaError(
        f"the device has {held}, not {asked:08x} as asked for: ask for {'its own' if found else 'none'}, "
        "or load the bitstream with the others"
    )
