// A top of one's own around the core: no processor, no serial line. It writes random weights, learns from PAIRS
// pictures of a sensor, and then says of every further picture what it is.
`include "ffpga_registers.vh"

module own_top #(
    parameter PAIRS = 100
) (
    input  wire       clk,
    input  wire       rst,
    output wire       learning,
    output reg        guess_valid,  // for a clock: the core's guess and what it should be
    output reg        guess,
    output wire       label,
    output reg        error         // a write was refused
);
    localparam RATE = 0, PLACE = 1, WEIGHT = 2, SAMPLE = 3, COMMAND = 4, ANSWER = 5;
    reg  [2:0]  state;
    reg         asked;              // the writer is at work
    reg  [15:0] count;              // weights that are written, then pairs
    reg  [31:0] random;             // of the weights
    reg         first;              // the next byte of an answer is its first one

    // The sensor's pictures go straight into the core.
    wire [15:0] beat;
    wire        beat_valid, beat_ready, beat_last;
    sensor sensor (
        .clk(clk), .rst(rst), .start(state == SAMPLE), .label(label),
        .tdata(beat), .tvalid(beat_valid), .tready(beat_ready), .tlast(beat_last)
    );

    // Registers are only written here.
    wire [31:0] operation = learning ? `FFPGA_OPERATION_TRAIN_PAIR : `FFPGA_OPERATION_INFER;
    wire [7:0]  offset = state == RATE ? `FFPGA_LEARNING_RATE_OFFSET : state == PLACE ? `FFPGA_WEIGHT_ADDRESS_OFFSET :
                         state == WEIGHT ? `FFPGA_WEIGHT_OFFSET : `FFPGA_COMMAND_OFFSET;
    wire [31:0] word = state == RATE ? 12 : state == PLACE ? 0 : state == WEIGHT ? {{27{random[31]}}, random[30:26]} :
                       operation | label << `FFPGA_COMMAND_LABEL_SHIFT | `FFPGA_COMMAND_TAKE_MASK;
    wire        writes = state == RATE || state == PLACE || state == WEIGHT || state == COMMAND;
    wire        done, refused, awvalid, awready, wvalid, wready, bvalid, bready;
    wire [7:0]  awaddr;
    wire [31:0] wdata;
    wire [1:0]  bresp;
    axi_writer writer (
        .clk(clk), .rst(rst), .start(writes && !asked), .offset(offset), .word(word), .done(done), .error(refused),
        .awaddr(awaddr), .awvalid(awvalid), .awready(awready), .wdata(wdata), .wvalid(wvalid), .wready(wready),
        .bresp(bresp), .bvalid(bvalid), .bready(bready)
    );

    // Answers: of a pair not looked at; of an inference the first byte is the label.
    wire [7:0] answer;
    wire       answer_valid, answer_last;
    assign learning = count < PAIRS || state < SAMPLE;

    always @(posedge clk)
        if (rst) begin
            state       <= RATE;
            asked       <= 0;
            count       <= 0;
            random      <= 1;
            first       <= 1;
            guess_valid <= 0;
            error       <= 0;
        end else begin
            guess_valid <= 0;
            if (writes) asked <= !done;
            if (refused) error <= 1;
            case (state)
                RATE: if (done) state <= PLACE;
                PLACE: if (done) state <= WEIGHT;
                WEIGHT: if (done) begin
                    random <= {random[30:0], 1'b0} ^ (random[31] ? 32'h04c11db7 : 0);
                    count  <= count + 1;
                    if (count == `FFPGA_WEIGHTS - 1) begin
                        count <= 0;
                        state <= SAMPLE;
                    end
                end
                SAMPLE: state <= COMMAND;           // it waits for the sample, which it takes
                COMMAND: if (done) state <= ANSWER;
                ANSWER: if (answer_valid) begin
                    first <= answer_last;
                    if (first && !learning) begin
                        guess       <= answer[0];
                        guess_valid <= 1;
                    end
                    if (answer_last) begin
                        if (learning) count <= count + 1;
                        state <= SAMPLE;
                    end
                end
            endcase
        end

    ffpga core (
        .aclk(clk), .aresetn(!rst),
        .s_axi_awaddr(awaddr), .s_axi_awprot(3'd0), .s_axi_awvalid(awvalid), .s_axi_awready(awready),
        .s_axi_wdata(wdata), .s_axi_wstrb(4'hf), .s_axi_wvalid(wvalid), .s_axi_wready(wready),
        .s_axi_bresp(bresp), .s_axi_bvalid(bvalid), .s_axi_bready(bready),
        .s_axi_araddr(8'd0), .s_axi_arprot(3'd0), .s_axi_arvalid(1'b0), .s_axi_arready(),
        .s_axi_rdata(), .s_axi_rresp(), .s_axi_rvalid(), .s_axi_rready(1'b1),
        .s_axis_tdata(beat), .s_axis_tvalid(beat_valid), .s_axis_tready(beat_ready), .s_axis_tlast(beat_last),
        .m_axis_tdata(answer), .m_axis_tvalid(answer_valid), .m_axis_tready(state == ANSWER),
        .m_axis_tlast(answer_last), .irq()
    );
endmodule
