"""The demonstration: a factory, a plan built by a real worker, and what came out of it."""
