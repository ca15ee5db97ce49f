"""The manual of tables names every column of every kind, and no other."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from planning.services.tables import KINDS

PAGE = Path(settings.BASE_DIR, "docs", "tables.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_column_is_in_the_manual(kind):
    section = PAGE.partition(f"(`{kind.name}`)")[2].partition("\n## ")[0]

    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == [column.name for column in kind.columns]
