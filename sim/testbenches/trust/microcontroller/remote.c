/* The C driver at a test's word: commands come on stdin, a line each, and are answered on stdout; the device is at the
 * other end of a descriptor. `remote.py` speaks to it. */
#define _POSIX_C_SOURCE 200809L
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ffpga.h"

enum { FEATURES = 1000, BYTES = 1 << 18 };

static uint8_t bytes[BYTES];
static uint16_t order[FEATURES];
static char text[2 * BYTES + 100];

static bool send_bytes(void *user, const uint8_t *data, size_t count) {
    int fd = *(const int *)user;
    while (count > 0) {
        ssize_t done = write(fd, data, count);
        if (done <= 0) return false;
        data += done;
        count -= (size_t)done;
    }
    return true;
}

static int receive_bytes(void *user, uint8_t *data, size_t count, uint32_t ms) {
    struct pollfd line;
    ssize_t found;
    line.fd = *(const int *)user;
    line.events = POLLIN;
    if (poll(&line, 1, (int)ms) == 0) return 0;
    found = read(line.fd, data, count);
    return found > 0 ? (int)found : -1;
}

static size_t from_hex(const char *hex) {
    size_t count = 0;
    unsigned value;
    while (sscanf(hex + 2 * count, "%2x", &value) == 1) bytes[count++] = (uint8_t)value;
    return count;
}

static void say_hex(const uint8_t *data, size_t count) {
    putchar(' ');
    for (size_t n = 0; n < count; n++) printf("%02x", data[n]);
}

static void say_step(const ffpga_step *step) {
    printf(" %u:", step->label);
    for (int n = 0; n < step->entries; n++) {
        printf("%s%llu/%u", n ? "," : "", (unsigned long long)step->squares[n], step->probabilities[n]);
    }
}

/* label and features of each sample: trained in the order that they have, two samples on their way. */
static ffpga_error train(ffpga *device, size_t count, ffpga_step *steps) {
    size_t size = (size_t)device->config.features + 2, n;
    ffpga_error error = FFPGA_OK;
    for (n = 0; error == FFPGA_OK && n < count / size; n++) {
        const uint8_t *sample = bytes + n * size;
        error = ffpga_submit_sample(device, 0, sample + 2);
        if (error == FFPGA_OK) error = ffpga_submit_pair(device, sample[0], sample[1], &steps[n]);
    }
    return error != FFPGA_OK ? error : ffpga_wait(device, 0);
}

int main(int argc, char **argv) {
    static ffpga device;
    static ffpga_config expected;
    static ffpga_setup setup;
    static ffpga_step steps[BYTES / 3];
    static ffpga_inference result; /* of a submitted inference, which outlives the line that asked for it */
    int fd = argc > 1 ? atoi(argv[1]) : -1;
    signal(SIGPIPE, SIG_IGN);
    setup.send = send_bytes;
    setup.receive = receive_bytes;
    setup.user = &fd;
    while (fgets(text, sizeof text, stdin) != NULL) {
        unsigned a = 0, b = 0, c = 0;
        uint32_t value = 0, counters[FFPGA_COUNTERS] = {0};
        uint64_t goodness = 0;
        ffpga_step step = {{0}, {0}, 0, 0};
        ffpga_error error = FFPGA_OK;
        char name[20] = "";
        int at = 0;
        sscanf(text, "%19s %n", name, &at);
        sscanf(text + at, "%u %u %u", &a, &b, &c);
        if (!strcmp(name, "open")) { /* timeout, patience, seed */
            setup.timeout_ms = a;
            setup.patience = (uint8_t)b;
            error = ffpga_open(&device, &setup, c);
        } else if (!strcmp(name, "expect")) {
            expected = device.config;
            expected.layers[0] = (uint16_t)(expected.layers[0] + a);
            expected.fields += b;
            setup.expected = &expected;
        } else if (!strcmp(name, "order")) { /* as bytes, u16 */
            size_t count = from_hex(text + at);
            for (size_t n = 0; n < count / 2; n++) order[n] = (uint16_t)(bytes[2 * n] | bytes[2 * n + 1] << 8);
            setup.order = order;
        } else if (!strcmp(name, "get")) {
            error = ffpga_read_register(&device, (uint8_t)a, &value);
        } else if (!strcmp(name, "set")) {
            error = ffpga_write_register(&device, (uint8_t)a, b);
        } else if (!strcmp(name, "read")) { /* first, count */
            error = ffpga_read_weights(&device, a, bytes, b);
        } else if (!strcmp(name, "write")) { /* first, count, bytes */
            from_hex(strrchr(text, ' ') + 1);
            error = ffpga_write_weights(&device, a, bytes, b);
        } else if (!strcmp(name, "sample")) { /* slot, features */
            from_hex(strrchr(text, ' ') + 1);
            error = ffpga_load_sample(&device, (uint8_t)a, bytes);
        } else if (!strcmp(name, "pairs")) { /* slot, gaps and values */
            size_t count = from_hex(strrchr(text, ' ') + 1);
            error = ffpga_load_pairs(&device, (uint8_t)a, bytes, (uint16_t)(count / 2));
        } else if (!strcmp(name, "bits")) { /* slot, bits of a level, features */
            from_hex(strrchr(text, ' ') + 1);
            error = ffpga_load_bits(&device, (uint8_t)a, (uint8_t)b, bytes);
        } else if (!strcmp(name, "pair")) { /* label, negative */
            error = ffpga_train_pair(&device, (uint8_t)a, (uint8_t)b, &step);
        } else if (!strcmp(name, "phase")) { /* negative, label */
            error = ffpga_train_phase(&device, a != 0, (uint8_t)b, &step);
        } else if (!strcmp(name, "infer")) {
            error = ffpga_infer(&device, &result);
        } else if (!strcmp(name, "goodness")) {
            error = ffpga_goodness(&device, &goodness);
        } else if (!strcmp(name, "activities")) { /* layer */
            error = ffpga_activities(&device, (uint8_t)a, bytes);
        } else if (!strcmp(name, "counters")) {
            error = ffpga_counters(&device, counters);
        } else if (!strcmp(name, "command")) { /* opcode, size of the answer, - and payload */
            size_t count = from_hex(strchr(text, '-') + 1);
            error = ffpga_command(&device, (uint8_t)a, bytes, (uint8_t)count, bytes + 100, (uint8_t)b);
        } else if (!strcmp(name, "train")) { /* (label, negative, features) of each sample */
            error = train(&device, a = (unsigned)from_hex(text + at), steps);
        } else if (!strcmp(name, "submit")) { /* what there is not, then what is right: errors come in order */
            error = ffpga_submit_pair(&device, 200, 0, NULL);
            if (error == FFPGA_OK) error = ffpga_submit_infer(&device, &result);
            if (error == FFPGA_OK) error = ffpga_submit_phase(&device, false, 200, NULL);
        } else if (!strcmp(name, "wait")) { /* most */
            error = ffpga_wait(&device, (uint8_t)a);
        } else if (strcmp(name, "told") != 0) {
            return 1;
        }
        printf("%u", error);
        if (error != FFPGA_OK) {
            printf(" %s", ffpga_error_text(error));
        } else if (!strcmp(name, "open")) {
            const ffpga_config *config = &device.config;
            printf(" %u %u %u %u %u %u %u %u", config->features, config->classes, config->lanes, config->weight_bits,
                   config->memory_ports, config->options, config->depth, (unsigned)config->fields);
            for (int n = 0; n < config->depth; n++) printf(" %u", config->layers[n]);
        } else if (!strcmp(name, "get")) {
            printf(" %u", (unsigned)value);
        } else if (!strcmp(name, "read")) {
            say_hex(bytes, (size_t)b * device.config.weight_bits / 8);
        } else if (!strcmp(name, "pair") || !strcmp(name, "phase")) {
            say_step(&step);
        } else if (!strcmp(name, "infer")) {
            printf(" %u %llu", result.label, (unsigned long long)result.squares);
        } else if (!strcmp(name, "goodness")) {
            printf(" %llu", (unsigned long long)goodness);
        } else if (!strcmp(name, "activities")) {
            say_hex(bytes, device.config.layers[a]);
        } else if (!strcmp(name, "counters")) {
            for (int n = 0; n < FFPGA_COUNTERS; n++) printf(" %u", (unsigned)counters[n]);
        } else if (!strcmp(name, "command")) {
            say_hex(bytes + 100, b);
        } else if (!strcmp(name, "train")) {
            for (size_t n = 0; n < a / (device.config.features + 2u); n++) say_step(&steps[n]);
        } else if (!strcmp(name, "told")) {
            printf(" %u %u %u %u %u %u", (unsigned)device.commands, (unsigned)device.sent, (unsigned)device.resent,
                   (unsigned)device.damaged, device.refused, (unsigned)sizeof device);
        }
        putchar('\n');
        fflush(stdout);
    }
    return 0;
}
