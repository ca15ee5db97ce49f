"""Compiled loops of the outline of a plan."""
