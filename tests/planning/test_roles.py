"""Roles: groups with the permissions that their work needs."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from config.rest.roles import ROLES
from planning.services.roles import create_role_user, ensure_roles

pytestmark = pytest.mark.django_db


def test_roles_may_be_made_again_and_keep_what_was_added_by_hand():
    ensure_roles()
    by_hand = Permission.objects.get(codename="delete_customer")
    Group.objects.get(name="sales").permissions.add(by_hand)
    before = Group.objects.get(name="sales").permissions.count()

    call_command("ensure_roles", verbosity=0)

    assert set(Group.objects.values_list("name", flat=True)) == set(ROLES)
    assert Group.objects.get(name="sales").permissions.count() == before


def test_production_loses_what_an_earlier_release_let_it_do_to_purchase_orders():
    ensure_roles()
    production = Group.objects.get(name="production")
    for codename in ("add_purchaseorder", "change_purchaseorder", "change_purchaseorderline"):
        production.permissions.add(Permission.objects.get(codename=codename))

    ensure_roles()

    names = set(production.permissions.values_list("codename", flat=True))
    assert not names & {"add_purchaseorder", "change_purchaseorder", "change_purchaseorderline"}
    assert "view_purchaseorder" in names


def test_readers_may_only_view():
    ensure_roles()

    names = Group.objects.get(name="reader").permissions.values_list("codename", flat=True)

    assert names
    assert all(name.startswith("view_") for name in names)


def test_a_login_has_one_role_and_the_password_it_was_given():
    create_role_user(role="sales", username="ann", password="first-1")
    user = create_role_user(role="planner", username="ann", password="second-2")

    assert [group.name for group in user.groups.all()] == ["planner"]
    assert user.check_password("second-2")
    assert user.is_staff
    assert not user.is_superuser


def test_an_unknown_role_is_refused():
    with pytest.raises(ValueError, match="sales, planner"):
        create_role_user(role="boss", username="ann", password="x")
