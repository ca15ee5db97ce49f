"""Business events of planning: one keyword-only function each, called by every door alike."""
