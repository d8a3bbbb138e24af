"""Wagtail's app of users, with our list of people in place of its own."""

from wagtail.users.apps import WagtailUsersAppConfig


class WagtailUsersConfig(WagtailUsersAppConfig):
    user_viewset = "members.admin.people.PersonViewSet"
    group_viewset = "members.admin.people.NoGroupViewSet"
