/* ffpga: the driver for microcontrollers, in C99. No allocation, no dependency. README.md is the manual.
 *
 * A function returns an ffpga_error, 0 where all is well. After FFPGA_LINE, FFPGA_SILENT and FFPGA_RESET the device is
 * closed: open it again. Every command is executed once or, where one of these three was returned, perhaps.
 */
#ifndef FFPGA_H
#define FFPGA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ffpga_constants.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum ffpga_error {
    FFPGA_OK,
    FFPGA_CLOSED,     /* not open, or not any more */
    FFPGA_LINE,       /* send or receive said that the line has failed */
    FFPGA_SILENT,     /* no answer, however often it was asked */
    FFPGA_RESET,      /* the device was reset since it was opened: its weights are lost */
    FFPGA_VERSION,    /* it speaks another version of the protocol */
    FFPGA_OTHER,      /* it holds another network than the one that was expected */
    FFPGA_ANSWER,     /* an answer that there cannot be */
    FFPGA_ARGUMENT,   /* an order of features that is none, a command too long, an activity or width that there is not */
    FFPGA_BAD_OPCODE, /* from here on the device's own word: this device has no such command */
    FFPGA_BAD_LENGTH, /* payload too short or too long */
    FFPGA_BAD_VALUE,  /* label, register, weight, slot or sample out of range */
    FFPGA_NO_SAMPLE   /* load one first */
} ffpga_error;

/* What a device is, as IDENTIFY says. */
typedef struct ffpga_config {
    uint16_t features;
    uint8_t classes; /* 0: without labels */
    uint8_t lanes;
    uint8_t weight_bits; /* 8 or 16 */
    uint8_t memory_ports;
    uint8_t options; /* FFPGA_OPTION_... */
    uint8_t depth;
    uint16_t layers[FFPGA_LAYERS];
    uint32_t fields; /* tag of its receptive fields, 0: none */
} ffpga_config;

/* The line, and what is expected at its end. It must live as long as the device is used. */
typedef struct ffpga_setup {
    /* Sends all bytes; false where the line has failed. */
    bool (*send)(void *user, const uint8_t *bytes, size_t count);
    /* Receives up to `count` bytes, waiting `ms` for the first: how many, 0 after that time, less where it failed. */
    int (*receive)(void *user, uint8_t *bytes, size_t count, uint32_t ms);
    void *user;
    uint32_t timeout_ms;          /* silence after which frames are sent again; 0: 500 */
    uint8_t patience;             /* how often, until the device counts as silent; 0: 10 */
    const ffpga_config *expected; /* NULL: any network */
    const uint16_t *order;        /* input n of the device is feature order[n]; NULL: as they come */
} ffpga_setup;

/* A command on its way; not to be looked at. */
typedef struct ffpga_frame {
    uint8_t sequence, opcode, status, expected, head_size;
    uint8_t head[5];
    bool answered, dense;
    uint16_t tail_size;
    const uint8_t *tail;
    void *out;
} ffpga_frame;

/* A device. What is above the line may be read. */
typedef struct ffpga {
    ffpga_config config;
    uint32_t commands, sent, resent; /* commands given, frames sent, and of those the ones sent again */
    uint32_t damaged;                /* answers that came damaged */
    uint8_t refused;                 /* opcode of the command whose refusal was returned last */
    /* ---- */
    const ffpga_setup *setup;
    uint32_t due, stale, futile, noise;
    ffpga_frame frames[FFPGA_WINDOW];
    uint8_t answer[FFPGA_PAYLOAD_MAX + 6];
    uint8_t first, pending, sequence;
    uint8_t size, left;
    bool open, inside, overlong;
} ffpga;

/* What a training step answers: see golden/protocol.md for the order of the entries. */
typedef struct ffpga_step {
    uint64_t squares[2 * FFPGA_LAYERS];
    uint8_t probabilities[2 * FFPGA_LAYERS]; /* c of each, 0 where the update was skipped */
    uint8_t entries;
    uint8_t label; /* the negative label; 255 without labels */
} ffpga_step;

typedef struct ffpga_inference {
    uint64_t squares; /* sum of squares of the label */
    uint8_t label;    /* 255 without labels */
} ffpga_inference;

/* Opens a session. `seed` may be anything, such as a clock; it need not differ from the last one. */
ffpga_error ffpga_open(ffpga *device, const ffpga_setup *setup, uint32_t seed);
const char *ffpga_error_text(ffpga_error error);

/* These wait for the answer. Weights are bytes in the device's order, from weight number `first` on: word by word,
 * lane by lane, 16-bit ones low byte first. x is u8[features], activities are u8[width of the layer]. */
ffpga_error ffpga_read_register(ffpga *device, uint8_t address, uint32_t *value);
ffpga_error ffpga_write_register(ffpga *device, uint8_t address, uint32_t value);
ffpga_error ffpga_read_weights(ffpga *device, uint32_t first, uint8_t *weights, uint32_t count);
ffpga_error ffpga_write_weights(ffpga *device, uint32_t first, const uint8_t *weights, uint32_t count);
ffpga_error ffpga_load_sample(ffpga *device, uint8_t slot, const uint8_t *x);
ffpga_error ffpga_load_pairs(ffpga *device, uint8_t slot, const uint8_t *pairs, uint16_t count); /* gap, value, ... */
/* In few bits, where the options have FFPGA_OPTION_FEW_BITS: each feature becomes the nearest of the values that `width`
 * bits have, 8, 4, 2 or 1; with 8 they stay. Coarser samples need a network that was trained on such. */
ffpga_error ffpga_load_bits(ffpga *device, uint8_t slot, uint8_t width, const uint8_t *x);
ffpga_error ffpga_train_pair(ffpga *device, uint8_t label, uint8_t negative, ffpga_step *step);
ffpga_error ffpga_train_phase(ffpga *device, bool negative, uint8_t label, ffpga_step *step);
ffpga_error ffpga_infer(ffpga *device, ffpga_inference *result);
ffpga_error ffpga_goodness(ffpga *device, uint64_t *goodness); /* of the sample in slot 0; networks without labels */
ffpga_error ffpga_activities(ffpga *device, uint8_t layer, uint8_t *activities);
ffpga_error ffpga_counters(ffpga *device, uint32_t counters[FFPGA_COUNTERS]);
ffpga_error ffpga_command(ffpga *device, uint8_t opcode, const uint8_t *payload, uint8_t size, uint8_t *answer,
                          uint8_t answer_size);

/* These return once the command is sent, with up to FFPGA_WINDOW unanswered. What they point to must stay until
 * `ffpga_wait` leaves fewer; a step or a result may be NULL. An error that they return is of a command before: the new
 * one was not sent. */
ffpga_error ffpga_submit_sample(ffpga *device, uint8_t slot, const uint8_t *x);
ffpga_error ffpga_submit_bits(ffpga *device, uint8_t slot, uint8_t width, const uint8_t *x);
ffpga_error ffpga_submit_pair(ffpga *device, uint8_t label, uint8_t negative, ffpga_step *step);
ffpga_error ffpga_submit_phase(ffpga *device, bool negative, uint8_t label, ffpga_step *step);
ffpga_error ffpga_submit_infer(ffpga *device, ffpga_inference *result);
/* Waits until at most `most` commands are unanswered, or one before them was refused. */
ffpga_error ffpga_wait(ffpga *device, uint8_t most);

#ifdef __cplusplus
}
#endif

#endif
