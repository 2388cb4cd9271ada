/* The chip's serial line at 3 Mbaud. GP4 (pin 6) is sent on: to the chip's rx. GP5 (pin 7) is received on: from its tx. */
#include "ffpga.h"
#include "hardware/irq.h"
#include "hardware/uart.h"
#include "line.h"
#include "pico/stdlib.h"

enum { BAUD = 3000000, SEND = 4, RECEIVE = 5 };

/* What has come: an answer of 64 bytes to each of FFPGA_WINDOW frames comes while the next one is sent. */
static volatile uint8_t heard[512];
static volatile uint16_t heard_in, heard_out;

static void on_receive(void) {
    while (uart_is_readable(uart1)) {
        heard[heard_in % sizeof heard] = (uint8_t)uart_getc(uart1);
        heard_in++;
    }
}

bool line_send(void *user, const uint8_t *bytes, size_t count) {
    (void)user;
    uart_write_blocking(uart1, bytes, count);
    return true;
}

int line_receive(void *user, uint8_t *bytes, size_t count, uint32_t ms) {
    absolute_time_t end = make_timeout_time_ms(ms);
    size_t found = 0;
    (void)user;
    while (heard_in == heard_out && !time_reached(end)) tight_loop_contents();
    for (; found < count && heard_in != heard_out; heard_out++) bytes[found++] = heard[heard_out % sizeof heard];
    return (int)found;
}

void line_open(void) {
    uart_init(uart1, BAUD);
    gpio_set_function(SEND, GPIO_FUNC_UART);
    gpio_set_function(RECEIVE, GPIO_FUNC_UART);
    irq_set_exclusive_handler(UART1_IRQ, on_receive);
    irq_set_enabled(UART1_IRQ, true);
    uart_set_irq_enables(uart1, true, false);
}
