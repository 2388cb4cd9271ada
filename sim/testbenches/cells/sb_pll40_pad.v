// A stand-in for the iCE40's PLL, which yosys knows by its ports alone. It measures its input and makes the clock that
// the divisors ask for, as TN1251 says for simple feedback: in (DIVF + 1) / (DIVR + 1) / 2^DIVQ. It is neither in phase
// with its input nor unsteady before it locks, which it does LOCK_EDGES edges after the start.
`timescale 1ns / 1ps
module SB_PLL40_PAD #(
    parameter FEEDBACK_PATH = "SIMPLE",
    parameter PLLOUT_SELECT = "GENCLK",
    parameter [3:0] DIVR = 0,
    parameter [6:0] DIVF = 0,
    parameter [2:0] DIVQ = 0,
    parameter [2:0] FILTER_RANGE = 0
) (
    input PACKAGEPIN, RESETB, BYPASS,
    output reg PLLOUTGLOBAL, LOCK
);
    localparam LOCK_EDGES = 100;
    integer edges = 0;
    realtime last = 0, half = 0;
    initial begin
        PLLOUTGLOBAL = 0;
        LOCK = 0;
        if (FEEDBACK_PATH != "SIMPLE" || PLLOUT_SELECT != "GENCLK") $fatal(1, "the PLL's stand-in cannot do that");
    end
    always @(posedge PACKAGEPIN) if (RESETB && !BYPASS) begin
        half = ($realtime - last) * (DIVR + 1) * (1 << DIVQ) / (DIVF + 1) / 2;
        last = $realtime;
        edges = edges + 1;
        if (edges == LOCK_EDGES) LOCK = 1;
    end
    always begin
        wait (edges > 1);
        #half PLLOUTGLOBAL = ~PLLOUTGLOBAL;
    end
endmodule
