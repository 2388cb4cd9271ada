// The chip as the shim clocks it. Its reset comes from a register: a reset that is an input of the model would have all
// the logic behind it evaluated again at every change of any input, twice a clock.
module board (
  input clk,
  input rst,
  input i_valid,
  input [7:0] i_payload,
  output i_ready,
  input o_ready,
  output o_valid,
  output [7:0] o_payload
);
  reg reset = 0;
  always @(posedge clk) reset <= rst;
  ffpga ffpga (
    .clk(clk), .rst(reset),
    .i_valid(i_valid), .i_ready(i_ready), .i_payload(i_payload),
    .o_ready(o_ready), .o_valid(o_valid), .o_payload(o_payload)
  );
endmodule
