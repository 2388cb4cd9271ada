/* The line to the chip: what uart.c and spi.c have; one of them is built. */
#ifndef LINE_H
#define LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void line_open(void);
bool line_send(void *user, const uint8_t *bytes, size_t count);
int line_receive(void *user, uint8_t *bytes, size_t count, uint32_t ms);

#endif
