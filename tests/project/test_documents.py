"""What documents say of the program is so: links lead somewhere, rules and settings are all there."""

import re
from pathlib import Path

import pytest

from planning.engine.verify import RULES

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(#[^)\s]*)?\)")


def anchors(path):
    """The names that headings have as targets of links."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document):
    for target, anchor in LINK.findall(document.read_text()):
        path = (document.parent / target).resolve() if target else document
        assert path.exists(), target
        assert not anchor or anchor[1:] in anchors(path), f"{target}{anchor}"


def test_the_model_lists_every_rule_of_the_verifier_and_no_other():
    section = (ROOT / "docs" / "model.md").read_text().partition("## The verifier")[2].partition("\n## ")[0]

    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == [rule.__name__ for rule in RULES]


def test_every_setting_is_in_the_example_and_in_the_manual():
    source = (ROOT / "config" / "settings.py").read_text()
    names = set(re.findall(r'env\.(?:string|secret|boolean|integer|words)\(\s*"(\w+)"', source))
    example = set(re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    manual = (ROOT / "docs" / "operations.md").read_text()

    assert names
    assert example == names
    assert {name for name in names if f"`{name}`" not in manual} == set()


def test_every_command_is_in_the_manual():
    folder = ROOT / "planning" / "management" / "commands"
    commands = {path.stem for path in folder.glob("[a-z]*.py")}
    manual = (ROOT / "docs" / "operations.md").read_text()

    assert {name for name in commands if name not in manual} == set()


def test_every_decision_is_in_the_index():
    index = (ROOT / "docs" / "index.md").read_text()

    assert {
        path.name for path in (ROOT / "docs" / "decisions").glob("*.md") if path.name not in index
    } == set()
