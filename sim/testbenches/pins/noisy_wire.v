// A board `top` at the end of a serial line whose two wires can be disturbed: `turn` gives a wire the opposite level,
// `hold` keeps it high, whatever its driver wants. `sent` is what the board wants `tx` to be.
module noisy_wire (input clk, rx, output tx, sent, led);
    reg turn_rx = 0, hold_rx = 0, turn_tx = 0, hold_tx = 0;
    top board (.clk(clk), .rx((rx ^ turn_rx) | hold_rx), .tx(sent), .led(led));
    assign tx = (sent ^ turn_tx) | hold_tx;
endmodule
