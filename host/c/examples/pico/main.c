/* A Raspberry Pi Pico beside the chip: it learns, while it runs, what a sensor's signal means.
 *
 * Built with uart.c it is at the chip's serial line, with spi.c at its SPI; each says which pins. GND to GND; 3.3 V both.
 * GP26 (pin 31) is the sensor. A button at each of GP14 and GP15 to ground says "this is 0", "this is 1".
 *
 * A sample is 64 readings of the sensor, 2 ms apart: the chip must hold a network of 64 features and 2 or more labels.
 * As long as a button is pressed every sample is learned; else it is told by the LED which of the two it is. The weights
 * to begin with are in network.h, which host/c/network.py makes of a checkpoint.
 */
#include "ffpga.h"
#include "hardware/adc.h"
#include "line.h"
#include "network.h"
#include "pico/stdlib.h"

enum { SENSOR = 26, BUTTON = 14, LED = 25 };

static void blink(ffpga_error error) { /* as often as the error's number says */
    for (int n = 0; n < (int)error; n++) {
        gpio_put(LED, true);
        sleep_ms(150);
        gpio_put(LED, false);
        sleep_ms(150);
    }
    sleep_ms(1000);
}

/* Opens the device and makes it what it was before: after a reset, too. */
static ffpga_error begin(ffpga *device, const ffpga_setup *setup) {
    ffpga_error error = ffpga_open(device, setup, time_us_32());
    for (size_t n = 0; error == FFPGA_OK && n < sizeof network_registers / sizeof *network_registers; n++) {
        error = ffpga_write_register(device, network_registers[n].address, network_registers[n].value);
    }
    if (error == FFPGA_OK) error = ffpga_write_weights(device, 0, network_weights, NETWORK_WEIGHTS);
    return error;
}

static void measure(uint8_t *x) {
    for (int n = 0; n < NETWORK_FEATURES; n++) {
        x[n] = (uint8_t)(adc_read() >> 4);
        sleep_ms(2);
    }
}

int main(void) {
    static const ffpga_setup setup = {line_send, line_receive, NULL, 0, 0, &network_config, network_order};
    static ffpga device;
    static uint8_t x[NETWORK_FEATURES];
    ffpga_error error;
    gpio_init(LED);
    gpio_set_dir(LED, GPIO_OUT);
    for (uint8_t label = 0; label < 2; label++) {
        gpio_init(BUTTON + label);
        gpio_pull_up(BUTTON + label);
    }
    adc_init();
    adc_gpio_init(SENSOR);
    adc_select_input(0);
    line_open();
    error = begin(&device, &setup);
    for (;;) {
        ffpga_inference answer = {0, 0};
        measure(x);
        if (error == FFPGA_OK) error = ffpga_load_sample(&device, 0, x);
        for (uint8_t label = 0; error == FFPGA_OK && label < 2; label++) {
            if (!gpio_get(BUTTON + label)) error = ffpga_train_pair(&device, label, 0, NULL);
        }
        if (error == FFPGA_OK) error = ffpga_infer(&device, &answer);
        if (error == FFPGA_OK) gpio_put(LED, answer.label == 1);
        if (error != FFPGA_OK) {
            blink(error);
            error = begin(&device, &setup);
        }
    }
}
