// The world around the SoC: a clock, and whoever listens to its serial line, until the byte 4 (end of transmission).
#include "Vsoc.h"
#include <cstdio>

int main() {
    Vsoc soc;
    soc.serial_source_ready = 1;
    for (long clock = 0; clock < 20000000; clock++) {
        soc.sys_clk = 0;
        soc.eval();
        if (soc.serial_source_valid) {
            if (soc.serial_source_data == 4) return 0;
            std::putchar(soc.serial_source_data);
        }
        soc.sys_clk = 1;
        soc.eval();
    }
    std::puts("the processor did not end");
    return 1;
}
