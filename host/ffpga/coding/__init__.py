"""From numbers of any scale to the u8 that a device takes: fitted on the training part, kept, applied ever after."""
