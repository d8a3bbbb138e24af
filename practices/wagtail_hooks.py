from wagtail import hooks
from wagtail.admin.viewsets.pages import PageListingViewSet

from practices.models import PracticePage


class PracticeListing(PageListingViewSet):
    """Practices in the administration's menu, whatever their place in the tree."""

    model = PracticePage
    icon = "doc-full"
    menu_label = PracticePage._meta.verbose_name_plural
    menu_order = 110
    add_to_admin_menu = True


@hooks.register("register_admin_viewset")
def register_practice_listing():
    return PracticeListing("practice_listing")
