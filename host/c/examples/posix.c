/* A device at a serial port of a PC: learns a table of numbers, says how much of it it knows, keeps the weights.
 *
 *     gcc -std=c99 -Os -I host/c host/c/ffpga.c host/c/examples/posix.c -o build/posix
 *     build/posix /dev/ttyUSB1 samples.csv 5 weights.bin
 *
 * A line of the table is a sample: its features, 0 to 255, then its label. `weights.bin` has the device's weights, byte
 * for byte: they are written to it before, and read from it after. `fd:N` in place of the port is an open descriptor.
 */
#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "ffpga.h"

#ifdef B3000000
#define BAUD B3000000
#else
#error "3 Mbaud need another call here than cfsetspeed, such as IOSSIOSPEED on macOS"
#endif

enum { FEATURES = 1000, WEIGHT_BYTES = 1 << 20, LINE_BYTES = 8192 };

static bool send_bytes(void *user, const uint8_t *bytes, size_t count) {
    int port = *(const int *)user;
    while (count > 0) {
        ssize_t done = write(port, bytes, count);
        if (done <= 0) return false;
        bytes += done;
        count -= (size_t)done;
    }
    return true;
}

static int receive_bytes(void *user, uint8_t *bytes, size_t count, uint32_t ms) {
    struct pollfd line;
    ssize_t found;
    line.fd = *(const int *)user;
    line.events = POLLIN;
    if (poll(&line, 1, (int)ms) == 0) return 0;
    found = read(line.fd, bytes, count);
    return found > 0 ? (int)found : -1; /* it was readable and has nothing: it is gone */
}

static int open_port(const char *name) {
    struct termios settings;
    int port;
    if (strncmp(name, "fd:", 3) == 0) return atoi(name + 3);
    port = open(name, O_RDWR | O_NOCTTY);
    if (port < 0 || tcgetattr(port, &settings) != 0) return -1;
    cfmakeraw(&settings);
    cfsetspeed(&settings, BAUD);
    settings.c_cflag |= CLOCAL | CREAD;
    return tcsetattr(port, TCSANOW, &settings) == 0 ? port : -1;
}

static void check(ffpga_error error) {
    if (error == FFPGA_OK) return;
    fprintf(stderr, "posix: %s\n", ffpga_error_text(error));
    exit(2);
}

static void refuse(const char *what, const char *name) {
    fprintf(stderr, "posix: %s %s\n", what, name);
    exit(2);
}

/* The next sample of the table; false at its end. */
static bool next(FILE *table, const ffpga_config *config, uint8_t *x, uint8_t *label) {
    static char text[LINE_BYTES];
    char *at = text;
    if (fgets(text, sizeof text, table) == NULL) return false;
    for (int n = 0; n <= config->features; n++) {
        char *end;
        unsigned long value = strtoul(at, &end, 10);
        if (end == at || value > 255) refuse("features are 0 to 255, then comes the label, not", text);
        if (n < config->features) x[n] = (uint8_t)value;
        else *label = (uint8_t)value;
        at = end + (*end == ',');
    }
    return true;
}

static void learn(ffpga *device, const char *name) {
    static uint8_t x[2][FEATURES]; /* one is filled while the other one is on its way */
    FILE *table = fopen(name, "r");
    uint8_t label = 0;
    if (table == NULL) refuse("cannot read", name);
    for (int n = 0; next(table, &device->config, x[n], &label); n = !n) {
        check(ffpga_submit_sample(device, 0, x[n]));
        check(ffpga_submit_pair(device, label, 0, NULL));
        check(ffpga_wait(device, 2)); /* the other sample is there: x[!n] is free */
    }
    check(ffpga_wait(device, 0));
    fclose(table);
}

static void test(ffpga *device, const char *name) {
    static uint8_t x[FEATURES];
    FILE *table = fopen(name, "r");
    unsigned right = 0, all = 0;
    uint8_t label = 0;
    if (table == NULL) refuse("cannot read", name);
    for (; next(table, &device->config, x, &label); all++) {
        ffpga_inference answer;
        check(ffpga_load_sample(device, 0, x));
        check(ffpga_infer(device, &answer));
        right += answer.label == label;
    }
    printf("%u of %u samples right\n", right, all);
    fclose(table);
}

int main(int argc, char **argv) {
    static uint8_t weights[WEIGHT_BYTES];
    static ffpga device;
    static ffpga_setup setup;
    uint32_t counters[FFPGA_COUNTERS];
    size_t size = 0;
    int port = argc == 5 ? open_port(argv[1]) : -1;
    FILE *file;
    if (argc != 5) refuse("usage: posix PORT samples.csv EPOCHS weights.bin", "");
    if (port < 0) refuse("cannot open", argv[1]);
    setup.send = send_bytes;
    setup.receive = receive_bytes;
    setup.user = &port;
    check(ffpga_open(&device, &setup, (uint32_t)time(NULL)));
    printf("%u features, %u labels, %u layers\n", device.config.features, device.config.classes, device.config.depth);

    if ((file = fopen(argv[4], "rb")) == NULL) refuse("cannot read", argv[4]);
    size = fread(weights, 1, sizeof weights, file);
    fclose(file);
    check(ffpga_write_weights(&device, 0, weights, (uint32_t)size / (device.config.weight_bits / 8u)));
    for (int epoch = 0; epoch < atoi(argv[3]); epoch++) learn(&device, argv[2]);
    test(&device, argv[2]);
    check(ffpga_read_weights(&device, 0, weights, (uint32_t)size / (device.config.weight_bits / 8u)));
    if ((file = fopen(argv[4], "wb")) == NULL) refuse("cannot write", argv[4]);
    if (fwrite(weights, 1, size, file) != size || fclose(file) != 0) refuse("cannot write", argv[4]);
    check(ffpga_counters(&device, counters));
    printf("%lu pairs in %lu clocks; %lu frames, %lu of them again\n", (unsigned long)counters[FFPGA_COUNTER_PAIRS],
           (unsigned long)counters[FFPGA_COUNTER_CLOCKS], (unsigned long)device.sent, (unsigned long)device.resent);
    close(port);
    return 0;
}
