#ifndef HARDWARE_UART_H
#define HARDWARE_UART_H

#include "pico/stdlib.h"

typedef struct uart_inst uart_inst_t;
extern uart_inst_t *const uart1;

uint uart_init(uart_inst_t *uart, uint baud);
void uart_set_irq_enables(uart_inst_t *uart, bool receive, bool send);
bool uart_is_readable(uart_inst_t *uart);
char uart_getc(uart_inst_t *uart);
void uart_write_blocking(uart_inst_t *uart, const uint8_t *bytes, size_t count);

#endif
