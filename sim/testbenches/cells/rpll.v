// A stand-in for a Gowin's PLL, which yosys knows by its ports alone. It measures its input and makes the clock that the
// divisors ask for, as UG286 says for internal feedback: in (FBDIV_SEL + 1) / (IDIV_SEL + 1). It is neither in phase with
// its input nor unsteady before it locks, which it does LOCK_EDGES edges after the start.
`timescale 1ns / 1ps
module rPLL #(
    parameter FCLKIN = "100.0", DEVICE = "",
    parameter DYN_IDIV_SEL = "false", DYN_FBDIV_SEL = "false", DYN_ODIV_SEL = "false", CLKFB_SEL = "internal",
    parameter integer IDIV_SEL = 0, FBDIV_SEL = 0, ODIV_SEL = 8
) (
    input CLKIN, CLKFB, RESET, RESET_P,
    input [5:0] FBDSEL, IDSEL, ODSEL,
    input [3:0] PSDA, FDLY, DUTYDA,
    output reg CLKOUT, LOCK,
    output CLKOUTP, CLKOUTD, CLKOUTD3
);
    localparam LOCK_EDGES = 100;
    integer edges = 0;
    realtime last = 0, half = 0;
    initial begin
        CLKOUT = 0;
        LOCK = 0;
        if (CLKFB_SEL != "internal" || DYN_IDIV_SEL != "false" || DYN_FBDIV_SEL != "false")
            $fatal(1, "the PLL's stand-in cannot do that");
    end
    always @(posedge CLKIN) if (!RESET && !RESET_P) begin
        half = ($realtime - last) * (IDIV_SEL + 1) / (FBDIV_SEL + 1) / 2;
        last = $realtime;
        edges = edges + 1;
        if (edges == LOCK_EDGES) LOCK = 1;
    end
    always begin
        wait (edges > 1);
        #half CLKOUT = ~CLKOUT;
    end
endmodule
