"""What the verifier says of the tiny plan after changes: for tests of what is legal and of what is not."""

from planning.engine.plan import Plan
from planning.engine.verify import violations
from tests.engine.builders import factory_document, make_factory, plan_document, retell


def broken(factory_change, *plan_changes):
    """The violations, as text, of the tiny plan so changed, its figures made to fit."""
    document = factory_document()
    factory_change(document)
    factory = make_factory(document)
    plan = plan_document(factory)
    for change in plan_changes:
        change(plan)
    return [str(each) for each in violations(factory, Plan.model_validate(retell(factory, plan)))]


def rules(found):
    return {text.split(":")[0] for text in found}
