/* ffpga: numbered frames over an unreliable line, each executed once, and the device's commands. See ffpga.h. */
#include "ffpga.h"

#include <string.h>

/* Bytes among which an answer to IDENTIFY must be, and bytes without progress after which frames are sent again. */
enum { NOISE_OPEN = 65536, NOISE = 1024 };

/* A COBS block without zeros is at most this long. */
enum { BLOCK = 254 };

/* Refusals that wear out patience as much as one silence. */
enum { SILENCE = 10 };

static uint32_t u32_of(const uint8_t *bytes) {
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void u32_to(uint8_t *bytes, uint32_t value) {
    for (int n = 0; n < 4; n++) bytes[n] = (uint8_t)(value >> 8 * n);
}

static uint64_t u40_of(const uint8_t *bytes) { return u32_of(bytes) | (uint64_t)bytes[4] << 32; }

static uint32_t crc32_of(uint32_t crc, uint8_t byte) {
    static const uint32_t nibbles[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
                                         0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                         0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
    crc ^= byte;
    crc = crc >> 4 ^ nibbles[crc & 15];
    return crc >> 4 ^ nibbles[crc & 15];
}

/* Sending ------------------------------------------------------------------------------------------------------- */
typedef struct writer {
    const ffpga_setup *setup;
    uint32_t crc;
    bool good;
    uint8_t count;
    uint8_t block[BLOCK + 1]; /* its code, then its bytes */
} writer;

static void put_block(writer *out, bool last) {
    size_t size = (size_t)out->count + 1;
    out->block[0] = (uint8_t)size;
    if (last) out->block[size++] = 0; /* there is room: a full block was sent before */
    out->good = out->good && out->setup->send(out->setup->user, out->block, size);
    out->count = 0;
}

static void put(writer *out, uint8_t byte) {
    out->crc = crc32_of(out->crc, byte);
    if (byte != 0) out->block[++out->count] = byte;
    if (byte == 0 || out->count == BLOCK) put_block(out, false);
}

/* A sample as (gap, value) pairs: so many zeros, then a value; (255, 0) are 255 zeros. */
static void put_sample(writer *out, const uint8_t *x, const uint16_t *order, uint16_t features) {
    uint16_t gap = 0;
    for (uint16_t n = 0; n < features; n++) {
        uint8_t value = x[order ? order[n] : n];
        if (value == 0) {
            gap++;
            continue;
        }
        for (; gap > 255; gap = (uint16_t)(gap - 255)) {
            put(out, 255);
            put(out, 0);
        }
        put(out, (uint8_t)gap);
        put(out, value);
        gap = 0;
    }
}

typedef struct bits {
    writer *out;
    uint16_t held;
    uint8_t count;
} bits;

static void put_bits(bits *to, uint8_t value, uint8_t count) {
    to->held = (uint16_t)(to->held | value << to->count);
    to->count = (uint8_t)(to->count + count);
    for (; to->count >= 8; to->count = (uint8_t)(to->count - 8), to->held >>= 8) put(to->out, (uint8_t)to->held);
}

/* A sample in few bits: of eight features whether any is not 0, of each of these the same, and its level. */
static void put_levels(writer *out, const uint8_t *x, const uint16_t *order, uint16_t features, uint8_t width) {
    uint8_t scale = (uint8_t)(255 / ((1 << width) - 1));
    bits to = {out, 0, 0};
    for (uint16_t first = 0; first < features; first = (uint16_t)(first + 8)) {
        uint8_t levels[8], some = 0, count = (uint8_t)(features - first < 8 ? features - first : 8);
        for (uint8_t n = 0; n < count; n++) {
            levels[n] = (uint8_t)((x[order ? order[first + n] : first + n] + scale / 2) / scale);
            some |= levels[n];
        }
        put_bits(&to, some != 0, 1);
        for (uint8_t n = 0; some != 0 && n < count; n++) {
            put_bits(&to, levels[n] != 0, 1);
            if (levels[n] != 0 && width > 1) put_bits(&to, levels[n], width);
        }
    }
    if (to.count != 0) put(out, (uint8_t)to.held);
}

static bool send_frame(ffpga *device, const ffpga_frame *frame) {
    writer out;
    uint8_t crc[4];
    out.setup = device->setup;
    out.crc = 0xffffffff;
    out.good = true;
    out.count = 0;
    device->sent++;
    device->noise = 0;
    put(&out, frame->sequence);
    put(&out, frame->opcode);
    for (uint8_t n = 0; n < frame->head_size; n++) put(&out, frame->head[n]);
    if (frame->dense && frame->opcode == FFPGA_OP_LOAD_BITS) {
        put_levels(&out, frame->tail, device->setup->order, device->config.features, frame->head[0] >> 4);
    } else if (frame->dense) {
        put_sample(&out, frame->tail, device->setup->order, device->config.features);
    } else {
        for (uint16_t n = 0; n < frame->tail_size; n++) put(&out, frame->tail[n]);
    }
    u32_to(crc, ~out.crc);
    for (int n = 0; n < 4; n++) put(&out, crc[n]);
    put_block(&out, true);
    return out.good;
}

/* Receiving ----------------------------------------------------------------------------------------------------- */
static void keep(ffpga *device, uint8_t byte) {
    if (device->size < sizeof device->answer) {
        device->answer[device->size++] = byte;
    } else {
        device->overlong = true;
    }
}

/* A byte of the line; 1 where it ends a whole answer, -1 a damaged one. */
static int unframe(ffpga *device, uint8_t byte) {
    uint32_t crc = 0xffffffff;
    uint8_t size;
    bool good;
    if (byte != 0) {
        if (!device->inside) { /* the code of the first block */
            device->inside = true;
            device->overlong = false;
            device->size = 0;
            device->left = (uint8_t)(byte - 1);
        } else if (device->left != 0) {
            device->left--;
            keep(device, byte);
        } else { /* of the next one: no answer is so long that a block of it ends without a zero */
            keep(device, 0);
            device->left = (uint8_t)(byte - 1);
        }
        return 0;
    }
    if (!device->inside) return 0;
    device->inside = false;
    good = device->left == 0 && !device->overlong && device->size >= 6;
    size = device->size;
    for (uint8_t n = 0; good && n < size - 4; n++) crc = crc32_of(crc, device->answer[n]);
    good = good && ~crc == u32_of(device->answer + size - 4);
    if (!good) device->damaged++;
    return good ? 1 : -1;
}

static ffpga_error lost(ffpga *device, ffpga_error error) {
    device->open = false;
    device->pending = 0;
    return error;
}

static ffpga_frame *frame_at(ffpga *device, uint8_t n) {
    return &device->frames[(device->first + n) % FFPGA_WINDOW];
}

/* Sends all unanswered frames again. */
static ffpga_error repeat(ffpga *device, uint32_t futility) {
    uint32_t patience = device->setup->patience ? device->setup->patience : 10;
    bool missing = false;
    for (uint8_t n = 0; n < device->pending; n++) missing = missing || !frame_at(device, n)->answered;
    if (!missing) return FFPGA_OK;
    device->futile += futility;
    if (device->futile > SILENCE * patience) return lost(device, FFPGA_SILENT);
    device->stale = device->due;
    for (uint8_t n = 0; n < device->pending; n++) {
        if (frame_at(device, n)->answered) continue;
        device->resent++;
        device->due++;
        if (!send_frame(device, frame_at(device, n))) return lost(device, FFPGA_LINE);
    }
    return FFPGA_OK;
}

static void deliver(ffpga_frame *frame, const uint8_t *payload) {
    if (frame->out == NULL) return;
    if (frame->opcode == FFPGA_OP_READ_REGISTER) {
        *(uint32_t *)frame->out = u32_of(payload);
    } else if (frame->opcode == FFPGA_OP_TRAIN_PAIR || frame->opcode == FFPGA_OP_TRAIN_PHASE) {
        ffpga_step *step = frame->out;
        step->entries = frame->expected / 6;
        for (uint8_t n = 0; n < step->entries; n++, payload += 6) {
            step->squares[n] = u40_of(payload);
            step->probabilities[n] = payload[5];
        }
        step->label = *payload;
    } else if (frame->opcode == FFPGA_OP_INFER) {
        ffpga_inference *result = frame->out;
        result->label = payload[0];
        result->squares = u40_of(payload + 1);
    } else if (frame->opcode == FFPGA_OP_COUNTERS) {
        for (int n = 0; n < FFPGA_COUNTERS; n++) ((uint32_t *)frame->out)[n] = u32_of(payload + 4 * n);
    } else {
        memcpy(frame->out, payload, frame->expected);
    }
}

/* An answer, or the sign of a damaged one. What answers frames from before the last repetition asks for none. */
static ffpga_error take(ffpga *device, bool good) {
    bool stale = device->stale > 0;
    uint8_t status = device->answer[1], at = 0;
    if (device->due > 0) device->due--;
    if (stale) device->stale--;
    if (good && status == FFPGA_STATUS_NO_SESSION) return lost(device, FFPGA_RESET);
    if (good && status != FFPGA_STATUS_BAD_CRC && status != FFPGA_STATUS_BAD_SEQUENCE) {
        ffpga_frame *frame;
        bool missing = false, right;
        while (at < device->pending && frame_at(device, at)->sequence != device->answer[0]) at++;
        if (at == device->pending) return FFPGA_OK;
        frame = frame_at(device, at);
        right = device->size - 6 == frame->expected;
        frame->answered = true;
        frame->status = status != FFPGA_STATUS_OK || right ? status : UINT8_MAX;
        if (frame->status == FFPGA_STATUS_OK) deliver(frame, device->answer + 2);
        for (uint8_t n = 0; n < at; n++) missing = missing || !frame_at(device, n)->answered;
        stale = stale || !missing;
    }
    return stale ? FFPGA_OK : repeat(device, 1); /* refused, damaged, or an earlier answer is missing */
}

static int receive(ffpga *device, uint8_t *bytes, int count, bool wait) {
    const ffpga_setup *setup = device->setup;
    uint32_t ms = setup->timeout_ms ? setup->timeout_ms : 500;
    int found = setup->receive(setup->user, bytes, (size_t)count, wait ? ms : 0);
    return found > count ? count : found;
}

static ffpga_error listen_once(ffpga *device) {
    uint8_t bytes[32];
    int count = receive(device, bytes, sizeof bytes, true);
    ffpga_error error = FFPGA_OK;
    if (count < 0) return lost(device, FFPGA_LINE);
    if (count == 0) {
        device->due = 0;
        return repeat(device, SILENCE);
    }
    for (int n = 0; n < count && error == FFPGA_OK; n++) {
        int found = unframe(device, bytes[n]);
        if (++device->noise > NOISE) { /* a line that babbles must not be listened to for ever */
            device->noise = 0;
            found = -1;
        }
        if (found != 0) error = take(device, found > 0);
    }
    return error;
}

ffpga_error ffpga_wait(ffpga *device, uint8_t most) {
    if (!device->open) return FFPGA_CLOSED;
    for (;;) {
        ffpga_error error;
        while (device->pending > 0 && frame_at(device, 0)->answered) {
            const ffpga_frame *frame = frame_at(device, 0);
            device->first = (uint8_t)((device->first + 1) % FFPGA_WINDOW);
            device->pending--;
            device->futile = device->noise = 0;
            if (frame->status != FFPGA_STATUS_OK) {
                device->refused = frame->opcode;
                if (frame->status > FFPGA_STATUS_NO_SAMPLE) return FFPGA_ANSWER;
                return (ffpga_error)(FFPGA_BAD_OPCODE + frame->status - FFPGA_STATUS_BAD_OPCODE);
            }
        }
        if (device->pending <= most) return FFPGA_OK;
        error = listen_once(device);
        if (error != FFPGA_OK) return error;
    }
}

/* Opening ------------------------------------------------------------------------------------------------------- */
static ffpga_error take_config(ffpga_config *config, const uint8_t *block, int size) {
    memset(config, 0, sizeof *config);
    if (size < 8 || block[7] < 1 || block[7] > FFPGA_LAYERS) return FFPGA_ANSWER;
    if (size != 8 + 2 * block[7] + (block[6] & FFPGA_OPTION_FIELDS) || block[3] == 0) return FFPGA_ANSWER;
    config->features = (uint16_t)(block[0] | block[1] << 8);
    config->classes = block[2];
    config->lanes = block[3];
    config->weight_bits = block[4];
    config->memory_ports = block[5];
    config->options = block[6];
    config->depth = block[7];
    for (int n = 0; n < config->depth; n++) config->layers[n] = (uint16_t)(block[8 + 2 * n] | block[9 + 2 * n] << 8);
    if (config->options & FFPGA_OPTION_FIELDS) config->fields = u32_of(block + size - 4);
    return config->weight_bits == 8 || config->weight_bits == 16 ? FFPGA_OK : FFPGA_ANSWER;
}

static bool same(const ffpga_config *one, const ffpga_config *other) {
    bool equal = one->features == other->features && one->classes == other->classes && one->lanes == other->lanes &&
                 one->weight_bits == other->weight_bits && one->memory_ports == other->memory_ports &&
                 one->options == other->options && one->depth == other->depth && one->fields == other->fields;
    for (int n = 0; equal && n < one->depth; n++) equal = one->layers[n] == other->layers[n];
    return equal;
}

/* Says IDENTIFY until it is answered. A device in the session asked for takes it for a frame of that session and
 * refuses it, or repeats an old answer: then another one is asked for. Late answers to the former IDENTIFY are none. */
static ffpga_error identify(ffpga *device, uint32_t *session, uint32_t former) {
    static const uint8_t delimiter = 0;
    ffpga_frame frame;
    ffpga_error error = FFPGA_SILENT;
    uint8_t patience = device->setup->patience ? device->setup->patience : 10;
    memset(&frame, 0, sizeof frame);
    frame.opcode = FFPGA_OP_IDENTIFY;
    frame.head_size = 4;
    device->commands++;
    for (; patience > 0; patience--) {
        uint8_t bytes[32];
        uint32_t heard = 0;
        bool taken = false;
        int count = 1;
        u32_to(frame.head, *session);
        if (!device->setup->send(device->setup->user, &delimiter, 1)) return FFPGA_LINE;
        if (!send_frame(device, &frame)) return FFPGA_LINE;
        while (heard < NOISE_OPEN && (count = receive(device, bytes, sizeof bytes, true)) > 0) {
            heard += (uint32_t)count;
            for (int n = 0; n < count; n++) {
                const uint8_t *answer = device->answer;
                if (unframe(device, bytes[n]) <= 0) continue;
                if (answer[0] == 0 && answer[1] == FFPGA_STATUS_OK && device->size >= 11) {
                    if (u32_of(answer + 2) == former) continue;
                    if (u32_of(answer + 2) == *session) {
                        error = take_config(&device->config, answer + 7, device->size - 11);
                        if (answer[6] != FFPGA_PROTOCOL) error = FFPGA_VERSION;
                        continue; /* what came with it may be the beginning of another answer */
                    }
                }
                taken = taken || answer[1] != FFPGA_STATUS_BAD_CRC;
            }
            if (error != FFPGA_SILENT) return error;
        }
        if (count < 0) return FFPGA_LINE;
        if (taken) *session += 2;
    }
    return error;
}

ffpga_error ffpga_open(ffpga *device, const ffpga_setup *setup, uint32_t seed) {
    uint8_t bytes[32];
    uint32_t session = seed | 1, former; /* never 0 */
    ffpga_error error;
    memset(device, 0, sizeof *device);
    device->setup = setup;
    for (int n = 0; n < 256 && receive(device, bytes, sizeof bytes, false) > 0; n++) {
        /* what a former session has left on the line */
    }
    /* Twice: whatever session was running, the second one differs from it. */
    error = identify(device, &session, 0);
    former = session;
    session ^= 0x80000000;
    if (error == FFPGA_OK) error = identify(device, &session, former);
    if (error != FFPGA_OK) return error;
    if (setup->expected != NULL && !same(&device->config, setup->expected)) return FFPGA_OTHER;
    for (uint16_t n = 0; setup->order != NULL && n < device->config.features; n++) {
        if (setup->order[n] >= device->config.features) return FFPGA_ARGUMENT;
    }
    device->sequence = 1;
    device->open = true;
    return FFPGA_OK;
}

/* Commands ------------------------------------------------------------------------------------------------------ */
static ffpga_error submit(ffpga *device, uint8_t opcode, const uint8_t *head, uint8_t head_size, const uint8_t *tail,
                          uint16_t tail_size, uint8_t expected, void *out) {
    ffpga_frame *frame;
    ffpga_error error = ffpga_wait(device, FFPGA_WINDOW - 1);
    if (error != FFPGA_OK) return error;
    frame = frame_at(device, device->pending);
    memset(frame, 0, sizeof *frame);
    frame->sequence = device->sequence++;
    frame->opcode = opcode;
    for (uint8_t n = 0; n < head_size; n++) frame->head[n] = head[n];
    frame->head_size = head_size;
    frame->tail = tail;
    frame->tail_size = tail_size;
    frame->dense = (opcode == FFPGA_OP_LOAD_SAMPLE || opcode == FFPGA_OP_LOAD_BITS) && tail_size == 0 && tail != NULL;
    frame->expected = expected;
    frame->out = out;
    device->pending++;
    device->due++;
    device->commands++;
    return send_frame(device, frame) ? FFPGA_OK : lost(device, FFPGA_LINE);
}

/* Waits for all commands, so that none is left that points into the caller's memory; the first error counts. */
static ffpga_error settle(ffpga *device, ffpga_error error) {
    while (device->open && device->pending > 0) {
        ffpga_error later = ffpga_wait(device, 0);
        if (error == FFPGA_OK) error = later;
    }
    return error != FFPGA_OK || device->open ? error : FFPGA_CLOSED;
}

/* A command that is waited for; an error of one before it is returned in its place. */
static ffpga_error call(ffpga *device, uint8_t opcode, const uint8_t *head, uint8_t head_size, const uint8_t *tail,
                        uint16_t tail_size, uint8_t expected, void *out) {
    ffpga_error error = ffpga_wait(device, 0);
    if (error != FFPGA_OK) return error;
    return settle(device, submit(device, opcode, head, head_size, tail, tail_size, expected, out));
}

ffpga_error ffpga_command(ffpga *device, uint8_t opcode, const uint8_t *payload, uint8_t size, uint8_t *answer,
                          uint8_t answer_size) {
    if (size > FFPGA_PAYLOAD_MAX || answer_size > FFPGA_PAYLOAD_MAX) return FFPGA_ARGUMENT;
    return call(device, opcode, NULL, 0, payload, size, answer_size, answer);
}

ffpga_error ffpga_read_register(ffpga *device, uint8_t address, uint32_t *value) {
    return call(device, FFPGA_OP_READ_REGISTER, &address, 1, NULL, 0, 4, value);
}

ffpga_error ffpga_write_register(ffpga *device, uint8_t address, uint32_t value) {
    uint8_t head[5];
    head[0] = address;
    u32_to(head + 1, value);
    return call(device, FFPGA_OP_WRITE_REGISTER, head, sizeof head, NULL, 0, 0, NULL);
}

/* Weights in as few frames as there can be: one of the two pointers is NULL. */
static ffpga_error weights(ffpga *device, uint32_t first, uint8_t *read, const uint8_t *written, uint32_t count) {
    uint32_t size = device->config.weight_bits / 8u;
    ffpga_error error = ffpga_wait(device, 0);
    if (error != FFPGA_OK) return error;
    while (error == FFPGA_OK && count > 0) {
        uint32_t most = (FFPGA_PAYLOAD_MAX - (read ? 0u : 3u)) / size, now = count < most ? count : most;
        uint32_t word = first / device->config.lanes;
        uint8_t head[4];
        if (word > UINT16_MAX) return settle(device, FFPGA_BAD_VALUE);
        head[0] = (uint8_t)word;
        head[1] = (uint8_t)(word >> 8);
        head[2] = (uint8_t)(first % device->config.lanes);
        head[3] = (uint8_t)now;
        if (read != NULL) {
            error = submit(device, FFPGA_OP_READ_WEIGHTS, head, 4, NULL, 0, (uint8_t)(now * size), read);
            read += now * size;
        } else {
            error = submit(device, FFPGA_OP_WRITE_WEIGHTS, head, 3, written, (uint16_t)(now * size), 0, NULL);
            written += now * size;
        }
        first += now;
        count -= now;
    }
    return settle(device, error);
}

ffpga_error ffpga_read_weights(ffpga *device, uint32_t first, uint8_t *bytes, uint32_t count) {
    return weights(device, first, bytes, NULL, count);
}

ffpga_error ffpga_write_weights(ffpga *device, uint32_t first, const uint8_t *bytes, uint32_t count) {
    return weights(device, first, NULL, bytes, count);
}

ffpga_error ffpga_submit_sample(ffpga *device, uint8_t slot, const uint8_t *x) {
    return submit(device, FFPGA_OP_LOAD_SAMPLE, &slot, 1, x, 0, 0, NULL);
}

static bool is_width(uint8_t width) { return width == 1 || width == 2 || width == 4 || width == 8; }

ffpga_error ffpga_submit_bits(ffpga *device, uint8_t slot, uint8_t width, const uint8_t *x) {
    uint8_t head = (uint8_t)(width << 4 | slot);
    if (!is_width(width) || slot > 15) return FFPGA_ARGUMENT;
    return submit(device, FFPGA_OP_LOAD_BITS, &head, 1, x, 0, 0, NULL);
}

ffpga_error ffpga_submit_pair(ffpga *device, uint8_t label, uint8_t negative, ffpga_step *step) {
    uint8_t head[2] = {label, negative};
    return submit(device, FFPGA_OP_TRAIN_PAIR, head, 2, NULL, 0, (uint8_t)(12 * device->config.depth + 1), step);
}

ffpga_error ffpga_submit_phase(ffpga *device, bool negative, uint8_t label, ffpga_step *step) {
    uint8_t head[2] = {negative, label};
    return submit(device, FFPGA_OP_TRAIN_PHASE, head, 2, NULL, 0, (uint8_t)(6 * device->config.depth + 1), step);
}

ffpga_error ffpga_submit_infer(ffpga *device, ffpga_inference *result) {
    return submit(device, FFPGA_OP_INFER, NULL, 0, NULL, 0, 6, result);
}

ffpga_error ffpga_load_sample(ffpga *device, uint8_t slot, const uint8_t *x) {
    return call(device, FFPGA_OP_LOAD_SAMPLE, &slot, 1, x, 0, 0, NULL);
}

ffpga_error ffpga_load_pairs(ffpga *device, uint8_t slot, const uint8_t *pairs, uint16_t count) {
    if (count > INT16_MAX) return FFPGA_ARGUMENT;
    return call(device, FFPGA_OP_LOAD_SAMPLE, &slot, 1, count ? pairs : NULL, (uint16_t)(2 * count), 0, NULL);
}

ffpga_error ffpga_load_bits(ffpga *device, uint8_t slot, uint8_t width, const uint8_t *x) {
    uint8_t head = (uint8_t)(width << 4 | slot);
    if (!is_width(width) || slot > 15) return FFPGA_ARGUMENT;
    return call(device, FFPGA_OP_LOAD_BITS, &head, 1, x, 0, 0, NULL);
}

ffpga_error ffpga_train_pair(ffpga *device, uint8_t label, uint8_t negative, ffpga_step *step) {
    ffpga_error error = ffpga_wait(device, 0);
    if (error != FFPGA_OK) return error;
    return settle(device, ffpga_submit_pair(device, label, negative, step));
}

ffpga_error ffpga_train_phase(ffpga *device, bool negative, uint8_t label, ffpga_step *step) {
    ffpga_error error = ffpga_wait(device, 0);
    if (error != FFPGA_OK) return error;
    return settle(device, ffpga_submit_phase(device, negative, label, step));
}

ffpga_error ffpga_infer(ffpga *device, ffpga_inference *result) {
    return call(device, FFPGA_OP_INFER, NULL, 0, NULL, 0, 6, result);
}

ffpga_error ffpga_goodness(ffpga *device, uint64_t *goodness) {
    ffpga_inference result = {0, 0};
    ffpga_error error = device->open && device->config.classes ? FFPGA_ARGUMENT : ffpga_infer(device, &result);
    if (error == FFPGA_OK) *goodness = result.squares;
    return error;
}

ffpga_error ffpga_activities(ffpga *device, uint8_t layer, uint8_t *activities) {
    ffpga_error error = ffpga_wait(device, 0);
    uint16_t width = layer < device->config.depth ? device->config.layers[layer] : 0;
    if (error != FFPGA_OK) return error;
    if (width == 0) return FFPGA_ARGUMENT;
    for (uint16_t at = 0; error == FFPGA_OK && at < width; at = (uint16_t)(at + FFPGA_PART)) {
        uint8_t head[2] = {layer, (uint8_t)(at / FFPGA_PART)};
        uint8_t now = (uint8_t)(width - at < FFPGA_PART ? width - at : FFPGA_PART);
        error = submit(device, FFPGA_OP_ACTIVITIES, head, 2, NULL, 0, now, activities + at);
    }
    return settle(device, error);
}

ffpga_error ffpga_counters(ffpga *device, uint32_t counters[FFPGA_COUNTERS]) {
    return call(device, FFPGA_OP_COUNTERS, NULL, 0, NULL, 0, 4 * FFPGA_COUNTERS, counters);
}

const char *ffpga_error_text(ffpga_error error) {
    static const char *const texts[] = {
        "no error",
        "the device is not open: open it first",
        "the line failed: check the cable, then open the device again",
        "the device is silent or its line too bad: check power, bitstream, line and baud rate, then open it again",
        "the device was reset and its weights are lost: open it again and write them",
        "the device speaks another version of the protocol: load a bitstream of this version of ffpga",
        "the device holds another network than the one expected: load the other bitstream",
        "the device answered what there cannot be: load a bitstream of this version of ffpga",
        "an argument is out of range: see ffpga.h",
        "the device does not know the command",
        "the device found the command's length wrong",
        "the device found a label, register, weight, slot or sample out of range",
        "the device has no sample: load one first",
    };
    return (unsigned)error < sizeof texts / sizeof *texts ? texts[error] : "there is no such error";
}
