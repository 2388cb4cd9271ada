// A GW5A's multiplier with an adder, as the core uses it, after Gowin UG305: yosys knows it by its ports alone. Whatever is
// not used here ends the simulation.

// A signed product through registers at the inputs, behind the product and at the output, with nothing added.
module MULTALU27X18 #(
    parameter AREG_CLK = "BYPASS", BREG_CLK = "BYPASS", PREG_CLK = "BYPASS", OREG_CLK = "BYPASS",
    parameter C_SEL = 1'b1
) (
    input [26:0] A, SIA, input [17:0] B, input [47:0] C, CASI, input [25:0] D,
    input ACCSEL, PSEL, ASEL, PADDSUB, CSEL, CASISEL,
    input [1:0] ADDSUB, CLK, CE, RESET,
    output [47:0] DOUT, CASO,
    output [26:0] SOA
);
    reg signed [26:0] a;
    reg signed [17:0] b;
    reg signed [47:0] product, out;
    always @(posedge CLK[0]) begin
        a <= A;
        b <= B;
        product <= a * b;
        out <= product;
    end
    assign DOUT = out;
    assign CASO = 48'bx;
    assign SOA = 27'bx;
    initial if (AREG_CLK != "CLK0" || BREG_CLK != "CLK0" || PREG_CLK != "CLK0" || OREG_CLK != "CLK0" || C_SEL)
        begin $display("MULTALU27X18: not modelled"); $finish; end
    always @(posedge CLK[0]) if ((ACCSEL | PSEL | ASEL | PADDSUB | CSEL | CASISEL | |ADDSUB | |RESET | ~CE[0]) !== 1'b0)
        begin $display("MULTALU27X18: not modelled"); $finish; end
endmodule

// What synthesis takes for a memory of words of more than 18 bits: port A writes, B reads, words of four bytes of 9 bits,
// which the four lowest of port A's address enable. Bits that are read in the clock in which they are written are unknown.
module SDPX9B #(
    parameter READ_MODE = 1'b0,
    parameter BIT_WIDTH_0 = 36, BIT_WIDTH_1 = 36,
    parameter [2:0] BLK_SEL_0 = 0, BLK_SEL_1 = 0,
    parameter [287:0] INIT_RAM_00 = 0, INIT_RAM_01 = 0, INIT_RAM_02 = 0, INIT_RAM_03 = 0, INIT_RAM_04 = 0, INIT_RAM_05 = 0,
    parameter [287:0] INIT_RAM_06 = 0, INIT_RAM_07 = 0, INIT_RAM_08 = 0, INIT_RAM_09 = 0, INIT_RAM_0A = 0, INIT_RAM_0B = 0,
    parameter [287:0] INIT_RAM_0C = 0, INIT_RAM_0D = 0, INIT_RAM_0E = 0, INIT_RAM_0F = 0, INIT_RAM_10 = 0, INIT_RAM_11 = 0,
    parameter [287:0] INIT_RAM_12 = 0, INIT_RAM_13 = 0, INIT_RAM_14 = 0, INIT_RAM_15 = 0, INIT_RAM_16 = 0, INIT_RAM_17 = 0,
    parameter [287:0] INIT_RAM_18 = 0, INIT_RAM_19 = 0, INIT_RAM_1A = 0, INIT_RAM_1B = 0, INIT_RAM_1C = 0, INIT_RAM_1D = 0,
    parameter [287:0] INIT_RAM_1E = 0, INIT_RAM_1F = 0, INIT_RAM_20 = 0, INIT_RAM_21 = 0, INIT_RAM_22 = 0, INIT_RAM_23 = 0,
    parameter [287:0] INIT_RAM_24 = 0, INIT_RAM_25 = 0, INIT_RAM_26 = 0, INIT_RAM_27 = 0, INIT_RAM_28 = 0, INIT_RAM_29 = 0,
    parameter [287:0] INIT_RAM_2A = 0, INIT_RAM_2B = 0, INIT_RAM_2C = 0, INIT_RAM_2D = 0, INIT_RAM_2E = 0, INIT_RAM_2F = 0,
    parameter [287:0] INIT_RAM_30 = 0, INIT_RAM_31 = 0, INIT_RAM_32 = 0, INIT_RAM_33 = 0, INIT_RAM_34 = 0, INIT_RAM_35 = 0,
    parameter [287:0] INIT_RAM_36 = 0, INIT_RAM_37 = 0, INIT_RAM_38 = 0, INIT_RAM_39 = 0, INIT_RAM_3A = 0, INIT_RAM_3B = 0,
    parameter [287:0] INIT_RAM_3C = 0, INIT_RAM_3D = 0, INIT_RAM_3E = 0, INIT_RAM_3F = 0,
    parameter RESET_MODE = "SYNC"
) (
    input CLKA, CEA, CLKB, CEB, OCE, RESET,
    input [13:0] ADA, ADB,
    input [2:0] BLKSELA, BLKSELB,
    input [35:0] DI,
    output [35:0] DO
);
    wire [64*288-1:0] first = {INIT_RAM_3F, INIT_RAM_3E, INIT_RAM_3D, INIT_RAM_3C, INIT_RAM_3B, INIT_RAM_3A, INIT_RAM_39, INIT_RAM_38,
        INIT_RAM_37, INIT_RAM_36, INIT_RAM_35, INIT_RAM_34, INIT_RAM_33, INIT_RAM_32, INIT_RAM_31, INIT_RAM_30,
        INIT_RAM_2F, INIT_RAM_2E, INIT_RAM_2D, INIT_RAM_2C, INIT_RAM_2B, INIT_RAM_2A, INIT_RAM_29, INIT_RAM_28,
        INIT_RAM_27, INIT_RAM_26, INIT_RAM_25, INIT_RAM_24, INIT_RAM_23, INIT_RAM_22, INIT_RAM_21, INIT_RAM_20,
        INIT_RAM_1F, INIT_RAM_1E, INIT_RAM_1D, INIT_RAM_1C, INIT_RAM_1B, INIT_RAM_1A, INIT_RAM_19, INIT_RAM_18,
        INIT_RAM_17, INIT_RAM_16, INIT_RAM_15, INIT_RAM_14, INIT_RAM_13, INIT_RAM_12, INIT_RAM_11, INIT_RAM_10,
        INIT_RAM_0F, INIT_RAM_0E, INIT_RAM_0D, INIT_RAM_0C, INIT_RAM_0B, INIT_RAM_0A, INIT_RAM_09, INIT_RAM_08,
        INIT_RAM_07, INIT_RAM_06, INIT_RAM_05, INIT_RAM_04, INIT_RAM_03, INIT_RAM_02, INIT_RAM_01, INIT_RAM_00};
    reg [35:0] memory [0:511];
    reg [35:0] found, latch;
    wire [8:0] write = ADA[13:5], read = ADB[13:5];
    wire [35:0] mask = {{9{ADA[3]}}, {9{ADA[2]}}, {9{ADA[1]}}, {9{ADA[0]}}};
    integer n;
    initial #0 for (n = 0; n < 512; n = n + 1) memory[n] = first[36 * n +: 36];

    always @* begin
        found = memory[read];
        if (CEA && write == read) found = found ^ mask & 36'bx;
    end
    always @(posedge CLKA) if (CEA) memory[write] <= memory[write] & ~mask | DI & mask;
    always @(posedge CLKB) if (CEB) latch <= found;
    assign DO = latch;

    initial if (BIT_WIDTH_0 != 36 || BIT_WIDTH_1 != 36 || READ_MODE)
        begin $display("SDPX9B: not modelled"); $finish; end
    always @(posedge CLKA) if ((RESET | |BLKSELA | |BLKSELB | |BLK_SEL_0 | |BLK_SEL_1) !== 1'b0)
        begin $display("SDPX9B: not modelled"); $finish; end
endmodule
