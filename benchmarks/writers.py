"""
Twenty people of ten collectivities write and send photos at the same time, on the default SQLite.

Run with `.venv/bin/python benchmarks/writers.py [--seconds 30]`. The real site runs with its demo
content; two people of each collectivity write the same draft, each another part of it, a save every
0.3 to 1.5 seconds as the script does, and each sends a photo in parts between. Prints how the
answers went, the times of saves (median, 95th of a hundred), and whether the last text of each
person stands in the draft. The issue asks for no 5xx, nothing lost, and 2 seconds.
"""

import argparse
import base64
import http.client
import io
import json
import os
import random
import re
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode, urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.live import running_site

PEOPLE, COLLECTIVITIES = 20, 10
CHUNK = 512 * 1024
FIELDS = ("difficulties", "lessons")  # of one section: the two of a collectivity write one each

# Makes people, their places, their sessions and drafts in the site's own database.
PREPARE = """
import json
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from contributions.services.drafts import start_draft
from members.enums import Place
from members.models import Affiliation, Collectivity, User
made = []
for place in Collectivity.objects.filter(kind="commune").order_by("code")[:%(collectivities)d]:
    people = []
    for n in range(%(people)d // %(collectivities)d):
        one = User.objects.create_user(email=f"{place.slug}-{n}@example.org", first_name="Nom")
        Affiliation.objects.create(person=one, collectivity=place, place=Place.CONTRIBUTOR)
        session = SessionStore()
        session[SESSION_KEY] = str(one.pk)
        session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
        session[HASH_SESSION_KEY] = one.get_session_auth_hash()
        session.create()
        people.append(session.session_key)
    draft = start_draft(kind="practice", collectivity=place, person=one, language="ar",
                        title="تجربة قيد الكتابة")
    made.append([draft.pk, people])
print(json.dumps(made))
"""
READ = """
import json
from contributions.drafts import newest
from contributions.models import Contribution
told = {}
for one in Contribution.objects.filter(pk__in=%(pks)r):
    page = newest(one)
    told[one.pk] = [page.difficulties, page.lessons, page.photos.count()]
print(json.dumps(told))
"""


def on_site(code: str) -> object:
    """Run code in the site's own settings, and return the JSON that it prints."""
    environment = {**os.environ, "DATA_DIR": os.environ["LIVE_DATA"], "LOG_LEVEL": "ERROR"}
    environment |= {"DJANGO_SETTINGS_MODULE": "config.settings.production"}
    answer = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "shell", "-v", "0", "-c", code],
        env=environment, capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    return json.loads(answer.stdout.strip().splitlines()[-1])


def photo() -> bytes:
    """Return a photo of about 1.5 MB, which no two have in common."""
    from PIL import Image

    noise = Image.frombytes("RGB", (900, 700), random.randbytes(900 * 700 * 3))  # noqa: S311
    made = io.BytesIO()
    noise.save(made, "JPEG", quality=95)
    return made.getvalue()


class Writer(threading.Thread):
    """A person who types, and sends a photo."""

    def __init__(self, site: str, draft: int, session: str, field: str, until: float) -> None:
        super().__init__()
        self.host = urlsplit(site).netloc
        self.site, self.draft, self.session = site, draft, session
        self.field, self.until = field, until
        self.answers: Counter[int] = Counter()
        self.times: list[float] = []
        self.last = ""
        self.sent_photo = False

    def ask(self, method: str, path: str, body=None, **headers) -> tuple[int, dict, bytes]:
        connection = http.client.HTTPConnection(self.host, timeout=60)
        cookies = f"sessionid={self.session}; csrftoken={self.token}"
        connection.request(
            method, path, body,
            {"Cookie": cookies, "Origin": self.site, "X-CSRFToken": self.token, **headers},
        )  # fmt: skip
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        self.answers[answer.status] += 1
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, headers, content

    def run(self) -> None:
        self.token = "x" * 32
        path = f"/ar/contributions/{self.draft}/write/lessons/"
        page = self.ask("GET", path)[2].decode()
        seen = json.loads(re.search(r'name="seen" value="([^"]*)"', page)[1].replace("&quot;", '"'))
        shown = dict.fromkeys(FIELDS, "")
        picture = photo()
        photo_at = time.time() + random.uniform(0, (self.until - time.time()) / 2)  # noqa: S311
        number = 0
        while time.time() < self.until:
            time.sleep(random.uniform(0.3, 1.5))  # noqa: S311
            number += 1
            shown[self.field] = f"نص رقم {number} من {self.session[:6]}"
            body = urlencode({"seen": json.dumps(seen), **shown})
            started = time.perf_counter()
            status, _headers, content = self.ask(
                "POST", path, body,
                Accept="application/json", **{"Content-Type": "application/x-www-form-urlencoded"},
            )  # fmt: skip
            self.times.append(time.perf_counter() - started)
            if status == 200:
                told = json.loads(content)
                seen = json.loads(told["seen"])
                if not told["differing"]:
                    self.last = shown[self.field]
            if not self.sent_photo and time.time() > photo_at:
                self.send(picture)

    def send(self, picture: bytes) -> None:
        name = base64.b64encode("صورة.jpg".encode()).decode()
        path = f"/ar/contributions/{self.draft}/send/photos/"
        tus = {"Tus-Resumable": "1.0.0"}
        _status, headers, _content = self.ask(
            "POST", path, b"",
            **{"Upload-Length": str(len(picture)), "Upload-Metadata": f"filename {name}", **tus},
        )  # fmt: skip
        place = urlsplit(headers["location"]).path
        offset = 0
        while offset < len(picture):
            part = picture[offset : offset + CHUNK]
            kind = {"Content-Type": "application/offset+octet-stream"}
            status = self.ask(
                "PATCH", place, part, **{"Upload-Offset": str(offset)}, **kind, **tus
            )[0]
            assert status in (200, 204), status
            offset += len(part)
        self.sent_photo = True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--seconds", type=int, default=30)
    options = parser.parse_args()
    sizes = {"people": PEOPLE, "collectivities": COLLECTIVITIES}
    with running_site() as site:
        drafts = on_site(PREPARE % sizes)
        until = time.time() + options.seconds
        writers = [
            Writer(site, draft, session, field, until)
            for draft, sessions in drafts
            for session, field in zip(sessions, FIELDS, strict=True)
        ]
        for one in writers:
            one.start()
        for one in writers:
            one.join()
        stands = on_site(READ % {"pks": [draft for draft, _people in drafts]})
    answers = sum((one.answers for one in writers), Counter())
    times = sorted(time for one in writers for time in one.times)
    lost = [
        one
        for one in writers
        if one.last not in stands[str(one.draft)][FIELDS.index(one.field)] or not one.last
    ]
    photos = sum(count for _a, _b, count in stands.values())
    print(f"answers     {dict(sorted(answers.items()))}")
    print(f"saves       {len(times)}, median {statistics.median(times):.2f} s")
    print(f"95th        {times[int(len(times) * 0.95)]:.2f} s")
    print(f"photos      {photos} of {sum(one.sent_photo for one in writers)} sent")
    print(f"texts lost  {len(lost)} of {len(writers)}")
    sys.exit(bool(lost or any(code >= 500 for code in answers)))


if __name__ == "__main__":
    main()
