"""The generator behind testdata/: fixed inputs, fixed seeds, no clock, nothing read from outside this folder."""
