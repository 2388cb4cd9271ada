"""CRC-32 of IEEE 802.3, a byte a clock: the software value is `CRC32.compute()`, the hardware `CRC32.create()`."""

from amaranth.lib.crc import catalog

#: The frame check of `ffpga_golden.protocol` (`zlib.crc32`).
CRC32 = catalog.CRC32_ISO_HDLC(data_width=8)
