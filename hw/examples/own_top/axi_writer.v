// Writes one register: `start`, with an offset and a word, until `done`; `error` with it where the write was refused.
module axi_writer (
    input  wire        clk,
    input  wire        rst,
    input  wire        start,
    input  wire [7:0]  offset,
    input  wire [31:0] word,
    output wire        done,
    output wire        error,
    output reg  [7:0]  awaddr,
    output reg         awvalid,
    input  wire        awready,
    output reg  [31:0] wdata,
    output reg         wvalid,
    input  wire        wready,
    input  wire [1:0]  bresp,
    input  wire        bvalid,
    output wire        bready
);
    assign bready = 1;
    assign done   = bvalid;
    assign error  = bvalid && bresp != 0;

    always @(posedge clk)
        if (rst) begin
            awvalid <= 0;
            wvalid  <= 0;
        end else if (start) begin
            awaddr  <= offset;
            wdata   <= word;
            awvalid <= 1;
            wvalid  <= 1;
        end else begin
            if (awready) awvalid <= 0;
            if (wready) wvalid <= 0;
        end
endmodule
