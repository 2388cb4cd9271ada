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
