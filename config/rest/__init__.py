"""What every endpoint shares: strict input, problem errors, pages, rights, schema. Knows no app."""
