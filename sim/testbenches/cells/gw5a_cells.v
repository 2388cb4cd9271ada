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
    `FIRST_PARAMETERS,
    parameter RESET_MODE = "SYNC"
) (
    input CLKA, CEA, CLKB, CEB, OCE, RESET,
    input [13:0] ADA, ADB,
    input [2:0] BLKSELA, BLKSELB,
    input [35:0] DI,
    output [35:0] DO
);
    wire [64*288-1:0] first = `FIRST_CONTENTS;
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
