/* Trains the core from a processor: samples and commands into its registers, an interrupt at the end of each command,
 * answers out of a register. It learns to tell upright bars from bars that lie, in pictures of 4 x 4 pixels. */
#include <generated/csr.h>
#include <generated/mem.h>
#include <irq.h>
#include <stdint.h>

#include "ffpga_registers.h"

#define PAIRS 600
#define TESTS 32
#define RATE 12
#define SIDE 4

static volatile uint32_t ended, interrupts, failed;
static uint32_t random = 0x2545f491;

static volatile uint32_t *reg(uint32_t offset) { return (volatile uint32_t *)(NETWORK_BASE + offset); }

/* The processor comes here while the core has an event that is enabled. */
void isr(void) {
    if (irq_pending() & irq_getmask() & 1u << NETWORK_INTERRUPT) {
        uint32_t events = *reg(FFPGA_IRQ_PENDING_OFFSET);
        *reg(FFPGA_IRQ_PENDING_OFFSET) = events;
        network_ev_pending_write(1);
        interrupts++;
        if (events & FFPGA_IRQ_PENDING_DONE_MASK) ended = 1;
        if (events & FFPGA_IRQ_PENDING_ERROR_MASK) failed = 1;
    }
}

static void put(char byte) {
    while (uart_txfull_read()) {}
    uart_rxtx_write(byte);
}

static void say(const char *text) {
    while (*text) put(*text++);
}

static void say_number(uint32_t value, uint32_t base, int digits) {
    if (value >= base || digits > 1) say_number(value / base, base, digits - 1);
    put("0123456789abcdef"[value % base]);
}

static uint32_t next_random(void) {
    random ^= random << 13;
    random ^= random >> 17;
    random ^= random << 5;
    return random;
}

/* Writes a picture as a sample, a word {last, value, gap} for each pixel that is not 0; returns its label. */
static uint32_t send_picture(void) {
    uint32_t draw = next_random(), lies = draw >> 31, at = draw >> 29 & 3, gap = 0;
    uint8_t pixels[SIDE * SIDE];
    int last = 0;
    for (int place = 0; place < SIDE * SIDE; place++) {
        uint32_t noise = next_random() >> 24, across = lies ? place / SIDE : place % SIDE;
        pixels[place] = across == at ? 128 | noise : noise & 1 ? noise >> 3 : 0;
        if (pixels[place]) last = place;
    }
    for (int place = 0; place <= last; place++) {
        if (pixels[place]) {
            while (!(*reg(FFPGA_STATUS_OFFSET) & FFPGA_STATUS_SAMPLE_ROOM_MASK)) {}
            *reg(FFPGA_SAMPLE_OFFSET) = gap << FFPGA_SAMPLE_GAP_SHIFT | pixels[place] << FFPGA_SAMPLE_VALUE_SHIFT |
                                        (uint32_t)(place == last) << FFPGA_SAMPLE_LAST_SHIFT;
            gap = 0;
        } else {
            gap++;
        }
    }
    return lies;
}

/* Runs a command on the sample and waits for its interrupt; returns the answer's first byte, of an inference the label. */
static uint32_t command(uint32_t operation, uint32_t label) {
    uint32_t word, first = 0, count = 0;
    ended = 0;
    *reg(FFPGA_COMMAND_OFFSET) =
        operation << FFPGA_COMMAND_OPERATION_SHIFT | label << FFPGA_COMMAND_LABEL_SHIFT | FFPGA_COMMAND_TAKE_MASK;
    while (!ended && !failed) {} /* a real program does something else here */
    do {
        word = *reg(FFPGA_ANSWER_OFFSET);
        if (word & FFPGA_ANSWER_VALID_MASK && !count++) first = word & FFPGA_ANSWER_BYTE_MASK;
    } while (!(word & FFPGA_ANSWER_LAST_MASK) && !failed);
    return first;
}

static void test(void) {
    int right = 0;
    for (int n = 0; n < TESTS; n++) {
        uint32_t label = send_picture();
        right += command(FFPGA_OPERATION_INFER, 0) == label;
    }
    say(": ");
    say_number(right, 10, 1);
    say(" of ");
    say_number(TESTS, 10, 1);
    say(" right\n");
}

int main(void) {
    uint32_t sum = 0x811c9dc5;
    if (*reg(FFPGA_IDENTITY_OFFSET) != FFPGA_IDENTITY_VALUE) say("there is no such core\n");
    irq_setmask(irq_getmask() | 1u << NETWORK_INTERRUPT);
    irq_setie(1);
    network_ev_enable_write(1);
    *reg(FFPGA_IRQ_ENABLE_OFFSET) = FFPGA_IRQ_ENABLE_DONE_MASK | FFPGA_IRQ_ENABLE_ERROR_MASK;
    *reg(FFPGA_CONTROL_OFFSET) = FFPGA_CONTROL_ANSWERS_MASK;
    *reg(FFPGA_LEARNING_RATE_OFFSET) = RATE;
    *reg(FFPGA_WEIGHT_ADDRESS_OFFSET) = 0;
    for (uint32_t n = 0; n < FFPGA_WEIGHTS; n++) *reg(FFPGA_WEIGHT_OFFSET) = (next_random() >> 27) - 16;

    say("before");
    test();
    for (int n = 0; n < PAIRS; n++) command(FFPGA_OPERATION_TRAIN_PAIR, send_picture());
    say("after ");
    say_number(PAIRS, 10, 1);
    say(" pairs");
    test();

    say_number(interrupts, 10, 1);
    say(" interrupts, ");
    say_number(*reg(FFPGA_COUNT_CLOCKS_OFFSET), 10, 1);
    say(" clocks of the core\nweights: ");
    *reg(FFPGA_WEIGHT_ADDRESS_OFFSET) = 0;
    for (uint32_t n = 0; n < FFPGA_WEIGHTS; n++) sum = (sum ^ (*reg(FFPGA_WEIGHT_OFFSET) & 0xff)) * 0x01000193;
    say_number(sum, 16, 8);
    say(failed ? ", errors\n" : ", no error\n");
    put(4);
    for (;;) {}
}
