"""The outline of a plan: what settings make late, without the plan."""
