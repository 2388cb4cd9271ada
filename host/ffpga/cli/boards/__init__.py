"""Commands that make bitstreams of boards, and look at those that were stored."""
