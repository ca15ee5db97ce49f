"""What screens and the API read, one module per family of reports, each in a fixed number of queries."""
