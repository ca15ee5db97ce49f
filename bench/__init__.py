"""Measurements of what the product promises: ``python -m bench``, or ``make bench``."""
