"""The planning engine: one immutable factory in, one immutable plan out.
Knows nothing of Django, clocks or files.
"""
