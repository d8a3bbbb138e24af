"""Rights of the groups, given by migrations so that nobody has to tick them by hand."""

GROUPS = ("Editors", "Administrators")  # moderators keep the dialogue

# ("app_label", "model"): the actions
Rights = dict[tuple[str, str], tuple[str, ...]]


def grant(apps, rights: Rights) -> None:
    """
    Give editors and administrators rights on models.

    Django makes the permissions after the last migration; where it has not, they are made here.
    """
    content_types = apps.get_model("contenttypes", "ContentType").objects
    permissions = apps.get_model("auth", "Permission").objects
    groups = list(apps.get_model("auth", "Group").objects.filter(name__in=GROUPS))
    for (app_label, model), actions in rights.items():
        content_type, _ = content_types.get_or_create(app_label=app_label, model=model)
        for action in actions:
            permission, _ = permissions.get_or_create(
                content_type=content_type,
                codename=f"{action}_{model}",
                defaults={"name": f"Can {action} {model}"},
            )
            for group in groups:
                group.permissions.add(permission)


def withdraw(apps, rights: Rights) -> None:
    """Take the rights away again."""
    permissions = apps.get_model("auth", "Permission").objects
    for group in apps.get_model("auth", "Group").objects.filter(name__in=GROUPS):
        for app_label, model in rights:
            group.permissions.remove(
                *permissions.filter(content_type__app_label=app_label, content_type__model=model)
            )
