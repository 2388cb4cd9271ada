// A stand-in for a GW5A's PLL, as rpll.v is for the one of other Gowins: in FBDIV_SEL MDIV_SEL / IDIV_SEL / ODIV0_SEL.
`timescale 1ns / 1ps
module PLLA #(
    parameter FCLKIN = "100.0", CLKFB_SEL = "INTERNAL",
    parameter integer IDIV_SEL = 1, FBDIV_SEL = 1, MDIV_SEL = 8, MDIV_FRAC_SEL = 0, ODIV0_FRAC_SEL = 0,
    parameter integer ODIV0_SEL = 8, ODIV1_SEL = 8, ODIV2_SEL = 8, ODIV3_SEL = 8, ODIV4_SEL = 8, ODIV5_SEL = 8, ODIV6_SEL = 8,
    parameter CLKOUT0_EN = "TRUE", CLKOUT1_EN = "FALSE", CLKOUT2_EN = "FALSE", CLKOUT3_EN = "FALSE", CLKOUT4_EN = "FALSE",
    parameter CLKOUT5_EN = "FALSE", CLKOUT6_EN = "FALSE"
) (
    input CLKIN, CLKFB, RESET, PLLPWD, RESET_I, RESET_O, PSDIR, PSPULSE, SSCPOL, SSCON, MDCLK, MDAINC,
    input [2:0] PSSEL, SSCMDSEL_FRAC,
    input [6:0] SSCMDSEL,
    input [1:0] MDOPC,
    input [7:0] MDWDI,
    output [7:0] MDRDO,
    output reg CLKOUT0, LOCK,
    output CLKOUT1, CLKOUT2, CLKOUT3, CLKOUT4, CLKOUT5, CLKOUT6, CLKFBOUT
);
    localparam LOCK_EDGES = 100;
    integer edges = 0;
    realtime last = 0, half = 0;
    initial begin
        CLKOUT0 = 0;
        LOCK = 0;
        if (CLKFB_SEL != "INTERNAL" || CLKOUT0_EN != "TRUE" || MDIV_FRAC_SEL || ODIV0_FRAC_SEL)
            $fatal(1, "the PLL's stand-in cannot do that");
    end
    always @(posedge CLKIN) if (!RESET && !PLLPWD && !RESET_I && !RESET_O) begin
        half = ($realtime - last) * IDIV_SEL * ODIV0_SEL / FBDIV_SEL / MDIV_SEL / 2;
        last = $realtime;
        edges = edges + 1;
        if (edges == LOCK_EDGES) LOCK = 1;
    end
    always begin
        wait (edges > 1);
        #half CLKOUT0 = ~CLKOUT0;
    end
endmodule
