// The virtual board: the Verilated module `board` between two byte queues, behind a C interface for ctypes.
//
// Bytes are offered to the chip one a clock as long as there are any, and taken from it whenever it has one; or, as on a
// line, one every so many clocks in each direction.

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "Vffpga.h"
#include "verilated.h"
#if VM_TRACE_FST
#include "verilated_fst_c.h"
#endif
#if WATCH
#include "verilated_syms.h"
#endif

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace {

// A queue of bytes that is filled at the end and emptied from the front.
struct Bytes {
    std::vector<uint8_t> data;
    size_t head = 0;

    size_t size() const { return data.size() - head; }
    void push(const uint8_t *bytes, size_t count) {
        if (head == data.size() || head > 65536) {
            data.erase(data.begin(), data.begin() + head);
            head = 0;
        }
        data.insert(data.end(), bytes, bytes + count);
    }
};

#if WATCH
// Signals of one bit, by name, and in how many clocks each pattern of them was seen: the first one is bit 0.
struct Watch {
    std::vector<const uint8_t *> signals;
    std::unordered_map<uint64_t, uint64_t> seen;

    bool add(const VerilatedContext &context, const std::string &scope, const std::string &name) {
        const VerilatedScope *const found = context.scopeFind(scope.c_str());
        VerilatedVar *const var = found ? found->varFind(name.c_str()) : nullptr;
        if (!var || signals.size() == 64) return false;
        signals.push_back(static_cast<const uint8_t *>(var->datap()));
        return true;
    }

    void sample() {
        uint64_t pattern = 0;
        for (size_t bit = 0; bit < signals.size(); ++bit) pattern |= uint64_t(*signals[bit] & 1) << bit;
        ++seen[pattern];
    }
};
#endif

struct Board {
    VerilatedContext context;
    std::unique_ptr<Vffpga> chip;
    Bytes input, output;
    uint64_t clocks = 0;
    uint64_t pace = 0, next_in = 0, next_out = 0;
#if VM_TRACE_FST
    std::unique_ptr<VerilatedFstC> wave;
#endif
#if WATCH
    Watch watch;
#endif

    Board() {
        context.fatalOnError(false);
#if VM_TRACE_FST
        context.traceEverOn(true);
#endif
        chip = std::make_unique<Vffpga>(&context);
        chip->clk = 0;
        chip->i_valid = 0;
        chip->i_payload = 0;
        chip->o_ready = 1;
        chip->rst = 0;
        chip->eval();
    }

    ~Board() {
        stop_trace();
        chip->final();
    }

    // One half of a clock period. Time is in halves of a period, shown as 10 ns each: a clock of 50 MHz.
    void half(bool level) {
        chip->clk = level;
        chip->eval();
        context.timeInc(10);
#if VM_TRACE_FST
        if (wave) wave->dump(context.time());
#endif
    }

    void reset() {
        chip->i_valid = 0;
        for (int clock = 0; clock < 5; ++clock) {
            chip->rst = clock < 4;  // the last clock is that of the register behind it
            half(false);
            half(true);
        }
        input = {};
        output = {};
        next_in = next_out = 0;
    }

    // Up to `most` clocks; stops at the end of an answer (a zero byte), or when `bytes` bytes are waiting.
    uint64_t run(uint64_t most, size_t bytes) {
        uint64_t clock = 0;
        while (clock < most) {
            const uint64_t now = clocks + clock;
            const bool offered = input.head < input.data.size() && now >= next_in, ready = now >= next_out;
            chip->i_valid = offered;
            if (offered) chip->i_payload = input.data[input.head];
            chip->o_ready = ready;
            half(false);
#if WATCH
            watch.sample();
#endif
            if (offered && chip->i_ready) {
                ++input.head;
                next_in = now + pace;
            }
            const bool taken = ready && chip->o_valid;
            const uint8_t byte = chip->o_payload;
            half(true);
            ++clock;
            if (taken) {
                next_out = now + pace;
                output.push(&byte, 1);
                if (byte == 0 || output.size() >= bytes) break;
            }
        }
        clocks += clock;
        return clock;
    }

    // Bytes take `pace` clocks each on their way, the first ones from now on.
    void push(const uint8_t *bytes, size_t count) {
        if (pace && !input.size() && next_in < clocks + pace) next_in = clocks + pace;
        input.push(bytes, count);
    }

    // Clocks and nothing else: bytes are offered as long as there are any, answers are dropped.
    void replay(const uint8_t *bytes, size_t count, uint64_t most) {
        size_t at = 0;
        chip->o_ready = 1;
        for (uint64_t clock = 0; clock < most; ++clock) {
            const bool offered = at < count;
            chip->i_valid = offered;
            if (offered) chip->i_payload = bytes[at];
            chip->clk = 0;
            chip->eval();
            at += offered && chip->i_ready;
            chip->clk = 1;
            chip->eval();
        }
        clocks += most;
    }

    bool trace(const char *path) {
#if VM_TRACE_FST
        stop_trace();
        wave = std::make_unique<VerilatedFstC>();
        chip->trace(wave.get(), 99);
        wave->open(path);
        if (!wave->isOpen()) wave.reset();
        return wave != nullptr;
#else
        return false;
#endif
    }

    void stop_trace() {
#if VM_TRACE_FST
        if (wave) wave->close();
        wave.reset();
#endif
    }
};

}  // namespace

EXPORT Board *board_new() { return new Board; }
EXPORT void board_delete(Board *board) { delete board; }
EXPORT void board_reset(Board *board) { board->reset(); }
EXPORT void board_push(Board *board, const uint8_t *bytes, size_t count) { board->push(bytes, count); }
EXPORT void board_pace(Board *board, uint64_t pace) { board->pace = pace; }
EXPORT uint64_t board_run(Board *board, uint64_t most, size_t bytes) { return board->run(most, bytes); }
EXPORT void board_replay(Board *board, const uint8_t *bytes, size_t count, uint64_t most) {
    board->replay(bytes, count, most);
}
EXPORT size_t board_waiting(Board *board) { return board->output.size(); }
EXPORT uint64_t board_clocks(Board *board) { return board->clocks; }
EXPORT int board_trace(Board *board, const char *path) { return board->trace(path); }
EXPORT void board_stop_trace(Board *board) { board->stop_trace(); }

#if WATCH
EXPORT int board_watch(Board *board, const char *scope, const char *name) {
    return board->watch.add(board->context, scope, name);
}

// Up to `room` of the patterns that were seen since the last call; returns how many there are, and forgets them if
// there was room for all.
EXPORT size_t board_seen(Board *board, uint64_t *patterns, uint64_t *clocks, size_t room) {
    auto &seen = board->watch.seen;
    const size_t count = seen.size();
    if (count > room) return count;
    size_t at = 0;
    for (const auto &[pattern, times] : seen) {
        patterns[at] = pattern;
        clocks[at++] = times;
    }
    seen.clear();
    return count;
}
#endif

// At most `room` of the bytes that the chip has sent; returns how many.
EXPORT size_t board_take(Board *board, uint8_t *target, size_t room) {
    Bytes &output = board->output;
    const size_t count = output.size() < room ? output.size() : room;
    if (count) std::memcpy(target, output.data.data() + output.head, count);
    output.head += count;
    return count;
}
