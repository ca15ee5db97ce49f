#!/usr/bin/env python
"""The command line of the program."""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if sys.argv[1:2] == ["solve_instance"]:
        # Its seconds count from here, and it needs neither database nor apps, which take a second or two.
        from planning.management.commands.solve_instance import Command

        Command().run_from_argv(sys.argv)
    else:
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)
