// Stands in for the header of liblz4 where it is not installed: writes LZ4 blocks without compressing anything.
// A block is one sequence of literals only (LZ4 Block Format Description, "End of block conditions").
#pragma once
#include <cstring>

inline int LZ4_compressBound(int size) { return size + size / 255 + 16; }

inline int LZ4_compress_default(const char *source, char *target, int size, int capacity) {
    if (capacity < LZ4_compressBound(size)) return 0;
    char *out = target;
    *out++ = static_cast<char>((size < 15 ? size : 15) << 4);
    if (size >= 15) {
        int rest = size - 15;
        for (; rest >= 255; rest -= 255) *out++ = static_cast<char>(255);
        *out++ = static_cast<char>(rest);
    }
    std::memcpy(out, source, size);
    return static_cast<int>(out + size - target);
}
