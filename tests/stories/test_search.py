"""
A visitor who searches, in real Chromium against the real server: the last paragraph of the issue
"Search". The demo content says what is found; a practice is named by its facts.
"""

import re
import time
from urllib.parse import parse_qs, quote, urlsplit
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page, expect

from tests.browsing import PATIENCE
from tests.stories.test_editing import (
    EDITOR,
    TITLE,
    facts_of,
    follow_menu,
    publish,
    sign_in_and_work_in_arabic,
)

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
expect.set_options(timeout=PATIENCE)
