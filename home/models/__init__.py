from home.models.contact import ContactCount, ContactMessage
from home.models.demo import DemoRecord
from home.models.front import (
    FeaturedNews,
    FeaturedPractice,
    FooterContentLink,
    FooterSiteLink,
    FrontPage,
    Navigation,
    SectionLink,
)
from home.models.news import NewsIndexPage, NewsPage
from home.models.pages import Audience, CharterPage, ContentPage, HomePage, ProgrammePage

__all__ = [
    "Audience",
    "CharterPage",
    "ContactCount",
    "ContactMessage",
    "ContentPage",
    "DemoRecord",
    "FeaturedNews",
    "FeaturedPractice",
    "FooterContentLink",
    "FooterSiteLink",
    "FrontPage",
    "HomePage",
    "Navigation",
    "NewsIndexPage",
    "NewsPage",
    "ProgrammePage",
    "SectionLink",
]
