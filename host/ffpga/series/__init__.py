"""From a recording of some channels to samples: windows, as they are or as spectra."""
