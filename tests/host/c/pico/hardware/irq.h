#ifndef HARDWARE_IRQ_H
#define HARDWARE_IRQ_H

#include "pico/stdlib.h"

enum { UART1_IRQ = 21 };
typedef void (*irq_handler_t)(void);

void irq_set_exclusive_handler(uint number, irq_handler_t handler);
void irq_set_enabled(uint number, bool enabled);

#endif
