"""Compiled loops. They know arrays alone: no error is raised here, and no name is known."""
