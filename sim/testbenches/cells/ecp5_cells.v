// An ECP5's block RAM and multiplier as the core uses them, after Lattice FPGA-TN-02204 and FPGA-TN-02205: yosys has
// no models of these two. Whatever the core does not use ends the simulation.

// Two ports of 2, 4, 9 or 18 bits; A writes, B reads through its output register. Bits that are read in the clock in
// which they are written are unknown.
module DP16KD(
    input DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7, DIA6, DIA5, DIA4, DIA3, DIA2,
        DIA1, DIA0,
    input ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0,
    input CEA, OCEA, CLKA, WEA, RSTA, CSA0, CSA1, CSA2,
    output DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5, DOA4, DOA3, DOA2,
        DOA1, DOA0,
    input DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9, DIB8, DIB7, DIB6, DIB5, DIB4, DIB3, DIB2,
        DIB1, DIB0,
    input ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0,
    input CEB, OCEB, CLKB, WEB, RSTB, CSB0, CSB1, CSB2,
    output DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5, DOB4, DOB3, DOB2,
        DOB1, DOB0);
    parameter DATA_WIDTH_A = 18, DATA_WIDTH_B = 18, REGMODE_A = "NOREG", REGMODE_B = "NOREG";
    parameter CSDECODE_A = "0b000", CSDECODE_B = "0b000", WRITEMODE_A = "NORMAL", WRITEMODE_B = "NORMAL";
    parameter RESETMODE = "SYNC", GSR = "ENABLED";
    wire [13:0] write = {ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0}, read
        = {ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0};
    wire [17:0] data = {DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7, DIA6, DIA5, DIA4,
        DIA3, DIA2, DIA1, DIA0};
    // A bit a place: 1,024 words of two bytes, a byte being 9 bits; a narrow word is a part of the first 8 of a byte.
    reg [17:0] memory [0:1023];
    reg [17:0] mask, shifted, found, latch, out;
    integer n;
    initial for (n = 0; n < 1024; n = n + 1) memory[n] = 0;

    always @* case (DATA_WIDTH_A)
        2: begin mask = 3 << 2 * write[2:1] + 9 * write[3]; shifted = data << 2 * write[2:1] + 9 * write[3]; end
        4: begin mask = 15 << 4 * write[2] + 9 * write[3]; shifted = data << 4 * write[2] + 9 * write[3]; end
        9: begin mask = 511 << 9 * write[3]; shifted = data << 9 * write[3]; end
        default: begin mask = {{9{write[1]}}, {9{write[0]}}}; shifted = data; end
    endcase
    always @(posedge CLKA) if (CEA && WEA) memory[write[13:4]] <= memory[write[13:4]] & ~mask | shifted & mask;

    always @* begin
        found = memory[read[13:4]];
        if (CEA && WEA && write[13:4] == read[13:4]) found = found ^ mask & 18'bx;
        case (DATA_WIDTH_B)
            2: found = found >> 2 * read[2:1] + 9 * read[3] & 3;
            4: found = found >> 4 * read[2] + 9 * read[3] & 15;
            9: found = found >> 9 * read[3] & 511;
        endcase
    end
    always @(posedge CLKB) begin
        if (CEB) latch <= found;
        if (OCEB) out <= latch;
    end
    assign {DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5, DOB4, DOB3, DOB2,
        DOB1, DOB0} = out;
    assign {DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5, DOA4, DOA3, DOA2,
        DOA1, DOA0} = 18'bx;

    initial if (REGMODE_B != "OUTREG" || DATA_WIDTH_A != DATA_WIDTH_B || WRITEMODE_A != "NORMAL" || GSR != "DISABLED")
        begin $display("DP16KD: not modelled"); $finish; end
    always @(posedge CLKA) if ((WEB | RSTB | RSTA | CSA0 | CSA1 | CSA2 | CSB0 | CSB1 | CSB2 | ~CEA | ~CEB) !== 1'b0)
        begin $display("DP16KD: not modelled"); $finish; end
endmodule

// A signed product through registers at the inputs, in the middle and at the output.
module MULT18X18D(
    input A17, A16, A15, A14, A13, A12, A11, A10, A9, A8, A7, A6, A5, A4, A3, A2, A1, A0,
    input B17, B16, B15, B14, B13, B12, B11, B10, B9, B8, B7, B6, B5, B4, B3, B2, B1, B0,
    input C17, C16, C15, C14, C13, C12, C11, C10, C9, C8, C7, C6, C5, C4, C3, C2, C1, C0,
    input SIGNEDA, SIGNEDB, SOURCEA, SOURCEB, CLK0, CE0, RST0,
    output P35, P34, P33, P32, P31, P30, P29, P28, P27, P26, P25, P24, P23, P22, P21, P20, P19, P18, P17, P16, P15,
        P14, P13, P12, P11, P10, P9, P8, P7, P6, P5, P4, P3, P2, P1, P0);
    parameter REG_INPUTA_CLK = "NONE", REG_INPUTA_CE = "CE0", REG_INPUTB_CLK = "NONE", REG_INPUTB_CE = "CE0";
    parameter REG_PIPELINE_CLK = "NONE", REG_PIPELINE_CE = "CE0", REG_OUTPUT_CLK = "NONE", REG_OUTPUT_CE = "CE0";
    parameter GSR = "ENABLED";
    reg signed [17:0] a, b;
    reg signed [35:0] product, out;
    always @(posedge CLK0) begin
        if (CE0) a <= {A17, A16, A15, A14, A13, A12, A11, A10, A9, A8, A7, A6, A5, A4,
            A3, A2, A1, A0};
        if (CE0) b <= {B17, B16, B15, B14, B13, B12, B11, B10, B9, B8, B7, B6, B5, B4,
            B3, B2, B1, B0};
        if (CE0) product <= a * b;
        if (CE0) out <= product;
    end
    assign {P35, P34, P33, P32, P31, P30, P29, P28, P27, P26, P25, P24, P23, P22, P21, P20, P19, P18, P17, P16, P15,
        P14, P13, P12, P11, P10, P9, P8, P7, P6, P5, P4, P3, P2, P1, P0} = out;
    initial if (REG_INPUTA_CE != "CE0" || REG_INPUTB_CE != "CE0" || REG_PIPELINE_CE != "CE0" ||
                REG_OUTPUT_CE != "CE0" || REG_INPUTA_CLK != "CLK0" || REG_INPUTB_CLK != "CLK0" ||
                REG_PIPELINE_CLK != "CLK0" || REG_OUTPUT_CLK != "CLK0" || GSR != "DISABLED")
        begin $display("MULT18X18D: not modelled"); $finish; end
    always @(posedge CLK0) if ((RST0 | SOURCEA | SOURCEB | ~SIGNEDA | ~SIGNEDB) !== 1'b0)
        begin $display("MULT18X18D: not modelled"); $finish; end
endmodule
