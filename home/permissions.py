"""Which right stands before the addresses of the front door, and of Wagtail's pages."""

from members.access import register_addresses

register_addresses(
    "public.read",
    "news",
    "news_feed",
    "page",
    "sitemap",
    "sitemap_of_language",
    "wagtail_serve",
    "wagtailcore_authenticate_with_password",
)
register_addresses("public.write", "contact", "contact_sent")
