"""Load on real servers, measured in what a second of their CPU delivers."""
