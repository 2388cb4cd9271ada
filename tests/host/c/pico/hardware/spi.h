#ifndef HARDWARE_SPI_H
#define HARDWARE_SPI_H

#include "pico/stdlib.h"

typedef struct spi_inst spi_inst_t;
extern spi_inst_t *const spi0;
typedef enum { SPI_CPOL_0 = 0, SPI_CPOL_1 = 1 } spi_cpol_t;
typedef enum { SPI_CPHA_0 = 0, SPI_CPHA_1 = 1 } spi_cpha_t;
typedef enum { SPI_LSB_FIRST = 0, SPI_MSB_FIRST = 1 } spi_order_t;

uint spi_init(spi_inst_t *spi, uint baud);
void spi_set_format(spi_inst_t *spi, uint bits, spi_cpol_t cpol, spi_cpha_t cpha, spi_order_t order);
int spi_write_read_blocking(spi_inst_t *spi, const uint8_t *out, uint8_t *in, size_t count);

#endif
