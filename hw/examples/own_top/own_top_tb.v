// Lets own_top learn, and counts how many of the next 32 pictures it knows.
module own_top_tb;
    reg        clk = 0, rst = 1;
    wire       learning, guess_valid, error;
    wire       guess, label;
    integer    tests = 0, right = 0, clocks = 0;

    own_top dut (
        .clk(clk), .rst(rst), .learning(learning), .guess_valid(guess_valid), .guess(guess), .label(label), .error(error)
    );

    always #5 clk = !clk;
    initial #100 rst = 0;

    always @(posedge clk) begin
        clocks <= clocks + !rst;
        if (guess_valid) begin
            tests = tests + 1;
            right = right + (guess == label);
        end
        if (error || clocks == 1000000) begin
            $display("own_top: failed, a write was refused or nothing happens");
            $finish;
        end
        if (tests == 32) begin
            $display("own_top: %0d of %0d right after %0d clocks", right, tests, clocks);
            $finish;
        end
    end
endmodule
