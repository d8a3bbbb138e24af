"""Which right stands before the addresses of practices."""

from members.access import register_addresses

register_addresses(
    "public.read",
    "practices",
    "practice",
    "practice_card",
    "practice_citation",
    "practice_feed",
    "practice_feed_of_principle",
)
