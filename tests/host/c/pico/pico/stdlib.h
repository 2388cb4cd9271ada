/* Of the Pico SDK what the example uses; stubs.c has it, over a descriptor. */
#ifndef PICO_STDLIB_H
#define PICO_STDLIB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef unsigned int uint;
typedef uint64_t absolute_time_t;

enum gpio_function { GPIO_FUNC_SPI = 1, GPIO_FUNC_UART = 2 };
enum { GPIO_OUT = 1 };

absolute_time_t make_timeout_time_ms(uint32_t ms);
bool time_reached(absolute_time_t end);
uint32_t time_us_32(void);
void sleep_ms(uint32_t ms);
void tight_loop_contents(void);
void gpio_init(uint pin);
void gpio_set_dir(uint pin, bool out);
void gpio_set_function(uint pin, enum gpio_function function);
void gpio_pull_up(uint pin);
void gpio_put(uint pin, bool value);
bool gpio_get(uint pin);

#endif
