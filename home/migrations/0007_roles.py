"""
The groups are the roles of the network: editors publish, moderators keep the dialogue,
administrators keep accounts and settings.

Wagtail makes "Moderators", who publish, and "Editors", who only write. Who published is an editor
from now on; who only wrote must be appointed anew, as nobody gets more rights by an upgrade.
"""

from django.db import migrations

PERMISSIONS = ("GroupPagePermission", "GroupCollectionPermission")


def _rows(apps, group):
    for name in PERMISSIONS:
        yield from apps.get_model("wagtailcore", name).objects.filter(group_id=group.pk)


def _give(apps, group, others):
    """Give a group what others have."""
    for other in others:
        group.permissions.add(*other.permissions.all())
        for row in _rows(apps, other):
            same = {
                field.attname: getattr(row, field.attname)
                for field in row._meta.concrete_fields
                if not field.primary_key and field.name != "group"
            }
            type(row).objects.get_or_create(group_id=group.pk, **same)


def _leave_the_door_only(apps, group):
    """Take everything from a group but the way into the administration."""
    door = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="wagtailadmin", codename="access_admin"
    )
    for row in _rows(apps, group):
        row.delete()
    group.permissions.set(door)


def forwards(apps, schema_editor):
    groups = apps.get_model("auth", "Group").objects
    editors, _made = groups.get_or_create(name="Editors")
    moderators, _made = groups.get_or_create(name="Moderators")
    administrators, _made = groups.get_or_create(name="Administrators")
    _give(apps, editors, [moderators])
    _give(apps, administrators, [editors])
    published = list(moderators.user_set.all())
    moderators.user_set.clear()
    editors.user_set.set(published)
    administrators.user_set.set(apps.get_model("members", "User").objects.filter(is_superuser=True))
    for task in apps.get_model("wagtailcore", "GroupApprovalTask").objects.all():
        if task.groups.filter(pk=moderators.pk).exists():
            task.groups.remove(moderators)
            task.groups.add(editors)
    _leave_the_door_only(apps, moderators)


def backwards(apps, schema_editor):
    groups = apps.get_model("auth", "Group").objects
    editors, _made = groups.get_or_create(name="Editors")
    moderators, _made = groups.get_or_create(name="Moderators")
    _give(apps, moderators, [editors])
    moderators.user_set.set(editors.user_set.all())
    editors.user_set.clear()
    for row in _rows(apps, editors):
        if getattr(row.permission, "codename", "").startswith("publish"):
            row.delete()
    for task in apps.get_model("wagtailcore", "GroupApprovalTask").objects.all():
        if task.groups.filter(pk=editors.pk).exists():
            task.groups.remove(editors)
            task.groups.add(moderators)
    groups.filter(name="Administrators").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0006_editors"),
        ("practices", "0002_editors"),
        ("search", "0003_editors"),
        ("members", "0002_members"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
        ("wagtailimages", "0023_add_choose_permissions"),
        ("wagtaildocs", "0011_add_choose_permissions"),
        ("wagtailadmin", "0001_create_admin_access_permissions"),
    ]

    operations = [migrations.RunPython(forwards, backwards)]
