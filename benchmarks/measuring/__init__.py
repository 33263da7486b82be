"""Measures operations in turns with what they are compared with."""
