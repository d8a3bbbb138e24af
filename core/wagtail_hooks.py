"""What the shared ground adds to Wagtail's administration."""

from django.utils.html import format_html
from wagtail import hooks
from wagtail.rich_text.pages import PageLinkHandler

from core.audit_admin import audit_viewset


@hooks.register("register_admin_viewset")
def register_audit_log():
    return audit_viewset


class PublicPageLinkHandler(PageLinkHandler):
    """
    Links inside texts lead to public pages alone. The address of a draft tells its title, and
    whoever writes may name any number (`core.markup`).
    """

    @classmethod
    def expand_db_attributes_many(cls, attrs_list: list[dict]) -> list[str]:
        addresses = [
            page.localized.url if page and page.live else None for page in cls.get_many(attrs_list)
        ]
        return [format_html('<a href="{}">', one) if one else "<a>" for one in addresses]


@hooks.register("register_rich_text_features", order=10)  # after Wagtail's own
def register_links(features):
    features.register_link_type(PublicPageLinkHandler)
