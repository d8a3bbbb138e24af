"""Tamazight follows the French layout of dates and numbers."""

from config.formats.fr.formats import *  # noqa: F403
