// A Gowin's block RAM and multiplier as the core and synthesis use them, after Gowin UG285 and UG287: yosys knows these by
// their ports alone. Whatever is not used here ends the simulation.

// An adder's or subtractor's bit. Of yosys's model, which is a process, Icarus Verilog cannot build a chain that adds a
// constant; this one does the same (tests/hw/families/test_gowin.py).
module ALU (input I0, I1, I3, CIN, output SUM, COUT);
    parameter ALU_MODE = 0;
    wire s = I0 ^ I1 ^ ~I3;
    assign SUM = s ^ CIN;
    assign COUT = s ? CIN : I0;
    initial if (ALU_MODE != 2) begin $display("ALU: not modelled"); $finish; end
endmodule

// Port A writes, B reads, both words of as many bits; with READ_MODE 1 through the output register. Bits that are read in
// the clock in which they are written are unknown.
module SDPB #(
    parameter READ_MODE = 1'b0,
    parameter BIT_WIDTH_0 = 32, BIT_WIDTH_1 = 32,
    parameter [2:0] BLK_SEL_0 = 0, BLK_SEL_1 = 0,
    parameter RESET_MODE = "SYNC"
) (
    input CLKA, CEA, CLKB, CEB, OCE, RESETA, RESETB,
    input [13:0] ADA, ADB,
    input [2:0] BLKSELA, BLKSELB,
    input [31:0] DI,
    output [31:0] DO
);
    localparam WIDTH = BIT_WIDTH_0, BELOW = WIDTH == 2 ? 1 : WIDTH == 4 ? 2 : WIDTH == 8 ? 3 : 4;
    reg [WIDTH-1:0] memory [0:(16384 / WIDTH) - 1];
    reg [WIDTH-1:0] found, latch, out;
    wire [13-BELOW:0] write = ADA[13:BELOW], read = ADB[13:BELOW];
    wire [15:0] mask = WIDTH == 16 ? {{8{ADA[1]}}, {8{ADA[0]}}} : 16'hffff;
    integer n;
    initial for (n = 0; n < 16384 / WIDTH; n = n + 1) memory[n] = 0;

    always @* begin
        found = memory[read];
        if (CEA && write == read) found = found ^ mask & 16'bx;
    end
    always @(posedge CLKA) if (CEA) memory[write] <= memory[write] & ~mask | DI & mask;
    always @(posedge CLKB) begin
        if (CEB) latch <= found;
        if (OCE) out <= latch;
    end
    assign DO = READ_MODE ? out : latch;

    initial if (BIT_WIDTH_0 != BIT_WIDTH_1 || WIDTH > 16 || RESET_MODE != "SYNC")
        begin $display("SDPB: not modelled"); $finish; end
    always @(posedge CLKA) if ((RESETA | RESETB | ~CEB | |BLKSELA | |BLKSELB | |BLK_SEL_0 | |BLK_SEL_1) !== 1'b0)
        begin $display("SDPB: not modelled"); $finish; end
endmodule

// First contents of a block RAM whose bytes have 9 bits: its parameters, and what they are together.
`define FIRST_PARAMETERS parameter [287:0] \
    INIT_RAM_00 = 0, INIT_RAM_01 = 0, INIT_RAM_02 = 0, INIT_RAM_03 = 0, INIT_RAM_04 = 0, INIT_RAM_05 = 0, \
    INIT_RAM_06 = 0, INIT_RAM_07 = 0, INIT_RAM_08 = 0, INIT_RAM_09 = 0, INIT_RAM_0A = 0, INIT_RAM_0B = 0, \
    INIT_RAM_0C = 0, INIT_RAM_0D = 0, INIT_RAM_0E = 0, INIT_RAM_0F = 0, INIT_RAM_10 = 0, INIT_RAM_11 = 0, \
    INIT_RAM_12 = 0, INIT_RAM_13 = 0, INIT_RAM_14 = 0, INIT_RAM_15 = 0, INIT_RAM_16 = 0, INIT_RAM_17 = 0, \
    INIT_RAM_18 = 0, INIT_RAM_19 = 0, INIT_RAM_1A = 0, INIT_RAM_1B = 0, INIT_RAM_1C = 0, INIT_RAM_1D = 0, \
    INIT_RAM_1E = 0, INIT_RAM_1F = 0, INIT_RAM_20 = 0, INIT_RAM_21 = 0, INIT_RAM_22 = 0, INIT_RAM_23 = 0, \
    INIT_RAM_24 = 0, INIT_RAM_25 = 0, INIT_RAM_26 = 0, INIT_RAM_27 = 0, INIT_RAM_28 = 0, INIT_RAM_29 = 0, \
    INIT_RAM_2A = 0, INIT_RAM_2B = 0, INIT_RAM_2C = 0, INIT_RAM_2D = 0, INIT_RAM_2E = 0, INIT_RAM_2F = 0, \
    INIT_RAM_30 = 0, INIT_RAM_31 = 0, INIT_RAM_32 = 0, INIT_RAM_33 = 0, INIT_RAM_34 = 0, INIT_RAM_35 = 0, \
    INIT_RAM_36 = 0, INIT_RAM_37 = 0, INIT_RAM_38 = 0, INIT_RAM_39 = 0, INIT_RAM_3A = 0, INIT_RAM_3B = 0, \
    INIT_RAM_3C = 0, INIT_RAM_3D = 0, INIT_RAM_3E = 0, INIT_RAM_3F = 0
`define FIRST_CONTENTS { \
    INIT_RAM_3F, INIT_RAM_3E, INIT_RAM_3D, INIT_RAM_3C, INIT_RAM_3B, INIT_RAM_3A, INIT_RAM_39, INIT_RAM_38, \
    INIT_RAM_37, INIT_RAM_36, INIT_RAM_35, INIT_RAM_34, INIT_RAM_33, INIT_RAM_32, INIT_RAM_31, INIT_RAM_30, \
    INIT_RAM_2F, INIT_RAM_2E, INIT_RAM_2D, INIT_RAM_2C, INIT_RAM_2B, INIT_RAM_2A, INIT_RAM_29, INIT_RAM_28, \
    INIT_RAM_27, INIT_RAM_26, INIT_RAM_25, INIT_RAM_24, INIT_RAM_23, INIT_RAM_22, INIT_RAM_21, INIT_RAM_20, \
    INIT_RAM_1F, INIT_RAM_1E, INIT_RAM_1D, INIT_RAM_1C, INIT_RAM_1B, INIT_RAM_1A, INIT_RAM_19, INIT_RAM_18, \
    INIT_RAM_17, INIT_RAM_16, INIT_RAM_15, INIT_RAM_14, INIT_RAM_13, INIT_RAM_12, INIT_RAM_11, INIT_RAM_10, \
    INIT_RAM_0F, INIT_RAM_0E, INIT_RAM_0D, INIT_RAM_0C, INIT_RAM_0B, INIT_RAM_0A, INIT_RAM_09, INIT_RAM_08, \
    INIT_RAM_07, INIT_RAM_06, INIT_RAM_05, INIT_RAM_04, INIT_RAM_03, INIT_RAM_02, INIT_RAM_01, INIT_RAM_00 }

// What synthesis takes for a memory with one writer and one reader: port A writes, B reads, words of 9 or 18 bits. A byte
// is 9 bits; where a word has two, the two lowest of port A's address enable them.
module DPX9B #(
    parameter READ_MODE0 = 1'b0, READ_MODE1 = 1'b0,
    parameter [1:0] WRITE_MODE0 = 0, WRITE_MODE1 = 0,
    parameter BIT_WIDTH_0 = 18, BIT_WIDTH_1 = 18,
    parameter [2:0] BLK_SEL_0 = 0, BLK_SEL_1 = 0,
    `FIRST_PARAMETERS,
    parameter RESET_MODE = "SYNC"
) (
    input CLKA, CEA, WREA, OCEA, RESETA, CLKB, CEB, WREB, OCEB, RESETB,
    input [2:0] BLKSELA, BLKSELB,
    input [13:0] ADA, ADB,
    input [17:0] DIA, DIB,
    output [17:0] DOA, DOB
);
    localparam WIDTH = BIT_WIDTH_0, BELOW = WIDTH == 9 ? 3 : 4;
    wire [64*288-1:0] first = `FIRST_CONTENTS;
    reg [WIDTH-1:0] memory [0:(18432 / WIDTH) - 1];
    reg [WIDTH-1:0] found, latch;
    wire [13-BELOW:0] write = ADA[13:BELOW], read = ADB[13:BELOW];
    wire [17:0] mask = WIDTH == 18 ? {{9{ADA[1]}}, {9{ADA[0]}}} : 18'h3ffff;
    integer n;
    initial #0 for (n = 0; n < 18432 / WIDTH; n = n + 1) memory[n] = first[WIDTH * n +: WIDTH];

    always @* begin
        found = memory[read];
        if (WREA && write == read) found = found ^ mask & 18'bx;
    end
    always @(posedge CLKA) if (WREA) memory[write] <= memory[write] & ~mask | DIA & mask;
    always @(posedge CLKB) if (CEB) latch <= found;
    assign DOA = 18'bx;
    assign DOB = latch;

    initial if (BIT_WIDTH_0 != BIT_WIDTH_1 || WIDTH != 9 && WIDTH != 18 || READ_MODE0 || READ_MODE1)
        begin $display("DPX9B: not modelled"); $finish; end
    always @(posedge CLKA) if ((RESETA | RESETB | ~CEA | WREB | |BLKSELA | |BLKSELB | |BLK_SEL_0 | |BLK_SEL_1) !== 1'b0)
        begin $display("DPX9B: not modelled"); $finish; end
endmodule

// A signed product through registers at the inputs, in the middle and at the output.
module MULT18X18 #(
    parameter AREG = 1'b0, BREG = 1'b0, OUT_REG = 1'b0, PIPE_REG = 1'b0, ASIGN_REG = 1'b0, BSIGN_REG = 1'b0,
    parameter SOA_REG = 1'b0, MULT_RESET_MODE = "SYNC"
) (
    input [17:0] A, SIA, B, SIB,
    input ASIGN, BSIGN, ASEL, BSEL, CE, CLK, RESET,
    output [35:0] DOUT,
    output [17:0] SOA, SOB
);
    reg signed [17:0] a, b;
    reg signed [35:0] product, out;
    always @(posedge CLK) begin
        a <= A;
        b <= B;
        product <= a * b;
        out <= product;
    end
    assign DOUT = out;
    assign SOA = 18'bx;
    assign SOB = 18'bx;
    initial if (!(AREG && BREG && OUT_REG && PIPE_REG) || ASIGN_REG || BSIGN_REG || SOA_REG)
        begin $display("MULT18X18: not modelled"); $finish; end
    always @(posedge CLK) if ((RESET | ASEL | BSEL | ~CE | ~ASIGN | ~BSIGN) !== 1'b0)
        begin $display("MULT18X18: not modelled"); $finish; end
endmodule
