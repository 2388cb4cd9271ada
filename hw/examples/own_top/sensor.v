// A stand-in for a sensor: pictures of 4 x 4 pixels with an upright bar (class 0) or one that lies (class 1),
// and some noise around it.
//
// `start` asks for a picture; its class is in `label` from then on, its pixels follow as a packet of AXI4-Stream, a
// beat a pixel, {value, gap}: a pixel that is 0 is a gap of one with nothing behind it.
module sensor (
    input  wire        clk,
    input  wire        rst,
    input  wire        start,
    output reg         label,
    output wire [15:0] tdata,
    output wire        tvalid,
    output wire        tlast,
    input  wire        tready
);
    reg [31:0] random;
    reg [1:0]  at;
    reg [3:0]  place;
    reg        busy;

    function [31:0] next(input [31:0] x);
        reg [31:0] a, b;
        begin
            a = x ^ (x << 13);
            b = a ^ (a >> 17);
            next = b ^ (b << 5);
        end
    endfunction

    wire [1:0] across = label ? place[3:2] : place[1:0];
    wire [7:0] value = across == at ? {1'b1, random[30:24]} : random[23] ? {3'b0, random[28:24]} : 8'd0;

    assign tdata  = {value, 7'd0, value == 0};
    assign tvalid = busy;
    assign tlast  = place == 15;

    always @(posedge clk)
        if (rst) begin
            random <= 32'h2545f491;
            busy   <= 0;
        end else if (start && !busy) begin
            {label, at} <= random[31:29];
            random      <= next(random);
            place       <= 0;
            busy        <= 1;
        end else if (busy && tready) begin
            random <= next(random);
            place  <= place + 1;
            busy   <= !tlast;
        end
endmodule
