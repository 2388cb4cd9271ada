/* A Pico whose UART or SPI is the descriptor LINE, whose sensor swings slowly or fast in turns, and whose user presses the
 * right button for LEARNED samples and then looks at the LED for SHOWN of them: "kind LED" is printed. */
#define _POSIX_C_SOURCE 200809L
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "hardware/adc.h"
#include "hardware/irq.h"
#include "hardware/spi.h"
#include "hardware/uart.h"

enum { READINGS = 64, LEARNED = 60, SHOWN = 20, BUTTON = 14, LED = 25 };
enum { MISO = 16, CS = 17, MOSI = 19, WAITS = 20 };

struct uart_inst {
    int line;
    bool interrupts;
};

static struct uart_inst uart = {-1, false};
uart_inst_t *const uart1 = &uart;
struct spi_inst {
    bool ready, selected;
};
static struct spi_inst spi = {false, false};
spi_inst_t *const spi0 = &spi;
static irq_handler_t on_receive;
static unsigned readings;

static unsigned sample_number(void) { return (readings - 1) / READINGS; }
static unsigned kind(void) { return sample_number() % 2; }

static uint64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static bool readable(int ms) {
    struct pollfd line;
    line.fd = uart.line;
    line.events = POLLIN;
    return poll(&line, 1, ms) > 0;
}

uint uart_init(uart_inst_t *given, uint baud) {
    given->line = atoi(getenv("LINE"));
    return baud;
}
void uart_set_irq_enables(uart_inst_t *given, bool receive, bool send) { given->interrupts = receive && !send; }
bool uart_is_readable(uart_inst_t *given) { return given == uart1 && readable(0); }
char uart_getc(uart_inst_t *given) {
    char byte;
    if (read(given->line, &byte, 1) != 1) exit(3);
    return byte;
}
void uart_write_blocking(uart_inst_t *given, const uint8_t *bytes, size_t count) {
    while (count > 0) {
        ssize_t done = write(given->line, bytes, count);
        if (done <= 0) exit(3);
        bytes += done;
        count -= (size_t)done;
    }
}
uint spi_init(spi_inst_t *given, uint baud) {
    if (given != spi0 || baud > 18000000) exit(3);
    uart.line = atoi(getenv("LINE"));
    return baud;
}
void spi_set_format(spi_inst_t *given, uint bits, spi_cpol_t cpol, spi_cpha_t cpha, spi_order_t order) {
    given->ready = bits == 8 && cpol == SPI_CPOL_0 && cpha == SPI_CPHA_0 && order == SPI_MSB_FIRST;
}
int spi_write_read_blocking(spi_inst_t *given, const uint8_t *out, uint8_t *in, size_t count) {
    for (size_t n = 0; n < count; n++) {
        if (!given->ready || !given->selected || write(uart.line, out + n, 1) != 1) exit(3);
        in[n] = 0; /* idle */
        if (readable(0) && read(uart.line, in + n, 1) != 1) exit(3);
    }
    return (int)count;
}
void irq_set_exclusive_handler(uint number, irq_handler_t handler) {
    if (number == UART1_IRQ) on_receive = handler;
}
void irq_set_enabled(uint number, bool enabled) {
    if (number != UART1_IRQ || !enabled) exit(3);
}
void tight_loop_contents(void) {
    if (readable(1) && uart.interrupts) on_receive();
}
absolute_time_t make_timeout_time_ms(uint32_t ms) { return now_us() + 1000 * (uint64_t)ms; }
bool time_reached(absolute_time_t end) { return now_us() >= end; }
uint32_t time_us_32(void) { return (uint32_t)now_us(); }
void sleep_ms(uint32_t ms) { (void)ms; }
void gpio_init(uint pin) { (void)pin; }
void gpio_set_dir(uint pin, bool out) {
    if ((pin != LED && pin != CS) || !out) exit(3);
}
void gpio_set_function(uint pin, enum gpio_function function) {
    bool of_spi = pin >= MISO && pin <= MOSI && pin != CS, of_uart = pin == 4 || pin == 5;
    if (function == GPIO_FUNC_SPI ? !of_spi : !of_uart) exit(3);
}
void gpio_pull_up(uint pin) { (void)pin; }
void gpio_put(uint pin, bool value) {
    if (pin == CS) spi.selected = !value;
    if (pin == CS) return;
    if (pin != LED) exit(3);
    if (sample_number() < LEARNED) return;
    printf("%u %u\n", kind(), value);
    if (sample_number() == LEARNED + SHOWN - 1) exit(0);
}
bool gpio_get(uint pin) {
    if (pin == WAITS) return readable(0);
    return sample_number() >= LEARNED || pin - BUTTON != kind();
}
void adc_init(void) {}
void adc_gpio_init(uint pin) {
    if (pin != 26) exit(3);
}
void adc_select_input(uint input) {
    if (input != 0) exit(3);
}
uint16_t adc_read(void) {
    unsigned place = readings++ % READINGS;
    return (uint16_t)(place / (kind() ? 4 : 16) % 2 ? 3600 : 100 * (place % 5));
}
