"""The C driver of host/c, built here and driven through a pipe, at the other end of any line."""
