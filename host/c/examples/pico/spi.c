/* The chip's SPI, mode 0, the fastest clock up to 15 MHz: it may be half of the core's.
 *
 * GP18 (pin 24): sck. GP19 (pin 25): mosi. GP16 (pin 21): miso. GP17 (pin 22): cs. GP20 (pin 26): the chip's `waits`,
 * which is high as long as it has something to say. What idles on the line are zero bytes, which end empty frames.
 */
#include "ffpga.h"
#include "hardware/spi.h"
#include "line.h"
#include "pico/stdlib.h"

enum { HERTZ = 15000000, MISO = 16, CS = 17, SCK = 18, MOSI = 19, WAITS = 20 };

/* What has come: answers of 64 bytes to FFPGA_WINDOW frames may come while the next one is sent. */
static uint8_t heard[512];
static uint16_t heard_in, heard_out;
static bool ended = true; /* the last byte was a zero: another one is idle */

static void exchange(const uint8_t *bytes, size_t count) {
    gpio_put(CS, false);
    while (count-- > 0) {
        uint8_t byte;
        spi_write_read_blocking(spi0, bytes++, &byte, 1);
        if (byte != 0 || !ended) heard[heard_in++ % sizeof heard] = byte;
        ended = byte == 0;
    }
    gpio_put(CS, true);
}

bool line_send(void *user, const uint8_t *bytes, size_t count) {
    (void)user;
    exchange(bytes, count);
    return true;
}

int line_receive(void *user, uint8_t *bytes, size_t count, uint32_t ms) {
    static const uint8_t idle[1] = {0};
    absolute_time_t end = make_timeout_time_ms(ms);
    size_t found = 0;
    (void)user;
    while (heard_in == heard_out && !time_reached(end)) {
        if (gpio_get(WAITS)) {
            exchange(idle, 1);
        } else {
            tight_loop_contents();
        }
    }
    while (gpio_get(WAITS) && (uint16_t)(heard_in - heard_out) < count) exchange(idle, 1);
    for (; found < count && heard_in != heard_out; heard_out++) bytes[found++] = heard[heard_out % sizeof heard];
    return (int)found;
}

void line_open(void) {
    spi_init(spi0, HERTZ);
    spi_set_format(spi0, 8, SPI_CPOL_0, SPI_CPHA_0, SPI_MSB_FIRST);
    gpio_set_function(MISO, GPIO_FUNC_SPI);
    gpio_set_function(SCK, GPIO_FUNC_SPI);
    gpio_set_function(MOSI, GPIO_FUNC_SPI);
    gpio_init(CS);
    gpio_put(CS, true);
    gpio_set_dir(CS, GPIO_OUT);
    gpio_init(WAITS);
}
