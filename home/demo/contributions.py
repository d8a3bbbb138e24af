"""
What the members of the demo write and say to each other: drafts in each state, words, adoptions, a
label. Made once, by the services that members and editors use; what a person does with it later
stays. Every text says that it is an example.
"""

import tomllib
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid5

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from wagtail.models import Locale

from contributions.drafts import digests_of, fill, kind_of, newest
from contributions.models import Contribution, Note
from contributions.registry import kinds
from contributions.services import review
from contributions.services.authors import ask_to_write_along, decide_authorship
from contributions.services.drafts import add_file, save_draft, start_draft
from core.uploads.services import keep_upload
from home.demo.drawing import draw_assembly
from home.demo.network import PLACES, SPEAKER
from home.models import DemoRecord
from members.enums import Place
from members.models import Affiliation, Collectivity, User
from members.permissions import may
from practices.models import Freshness, PartnerWord, PracticePage
from practices.recognition import HOLDS_FOR, NEWEST, codes_of
from practices.services.adoption import change_state, declare_adoption, link_own_practice
from practices.services.partner_words import give_word, stamp_of
from practices.services.recognition import Review, give_award, months_from

FOLDER = Path(__file__).parent
NAMESPACE = UUID("6f0a2f3c-7f0e-5d0b-9a51-1c4f5f3f7d10")
EDITOR = "editor@example.org"
ADOPTED, AWARDED = "P064", "maintenance-budget"


def key_of(name: str) -> UUID:
    """Return the key of a draft of the demo, or of its label."""
    return uuid5(NAMESPACE, name)


@transaction.atomic
def load_contributions() -> int:
    """
    Write the drafts and what is said of them, once, where the network stands as the demo made it.
    Tells the people as the services do.

    :returns: how many drafts were begun
    """
    if not is_prepared():
        return 0
    _record, new = DemoRecord.objects.get_or_create(key="contributions", defaults={"page_id": 0})
    if not new:
        return 0
    exchanges = _read(FOLDER / "exchanges.toml")
    enter_people(exchanges["people"])
    teller = Teller([EDITOR, SPEAKER, *PLACES, *exchanges["people"]])
    drafts = sorted((FOLDER / "drafts").glob("*.toml"))
    for file in drafts:
        teller.tell(file.stem, _read(file))
    for one in exchanges["adoptions"]:
        teller.adopt(one)
    teller.speak(exchanges["word"])
    teller.award(exchanges["award"])
    return len(drafts)


def is_prepared() -> bool:
    """Return whether the accounts have their places, and what is adopted can be read."""
    places = Affiliation.objects.current().filter(person__email__in=[*PLACES, SPEAKER])
    found = set(places.values_list("person__email", "collectivity__code"))
    expected = {(email, code) for email, (code, _place, _office) in PLACES.items()}
    editor = User.objects.filter(email=EDITOR).first()
    record = DemoRecord.objects.filter(key=ADOPTED).first()
    return bool(
        found == expected | {(SPEAKER, None)}
        and editor
        and may(editor, "contribution.review")
        and record
        and PracticePage.objects.visible().filter(pk=record.page_id).exists()
    )


def _read(file: Path) -> dict:
    return tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)


def enter_people(people: dict[str, dict]) -> None:
    """Give example people, who cannot log in, a place in a member."""
    places = Collectivity.objects.in_bulk(
        [one["collectivity"] for one in people.values()], field_name="code"
    )
    for email, facts in people.items():
        person = User(email=email, first_name="مثال", last_name=facts["name"], language="ar")
        person.set_unusable_password()
        person.save()
        Affiliation.objects.create(
            person=person,
            collectivity=places[facts["collectivity"]],
            place=Place.FOCAL_POINT,
            office=facts["office"],
        )


class Teller:
    """
    Tells the stories of the files.

    :param emails: of all who have a part in them
    """

    def __init__(self, emails: list[str]) -> None:
        self.people = User.objects.in_bulk(emails, field_name="email")
        self.editor = self.people[EDITOR]
        speaker = Affiliation.objects.current().get(person=self.people[SPEAKER])
        self.association = speaker.association

    def home_of(self, email: str) -> Collectivity:
        place = Affiliation.objects.current().get(person=self.people[email])
        return place.collectivity

    def practice(self, name: str) -> PracticePage:
        """Return a practice by the name of its draft, or by the key of its file."""
        if contribution := Contribution.objects.filter(key=key_of(name)).first():
            return PracticePage.objects.get(pk=contribution.page_id)
        return PracticePage.objects.get(pk=DemoRecord.objects.get(key=name).page_id)

    # --- A draft, from its first line to where its file leaves it ---------------------------------

    def tell(self, name: str, facts: dict) -> None:
        person = self.people[facts["by"]]
        parent = self.practice(facts["parent"]) if "parent" in facts else None
        contribution = start_draft(
            kind="practice",
            collectivity=self.home_of(facts["by"]),
            person=person,
            language=facts["language"],
            title=facts["title"],
            initial=self.answers(facts["begun"]),
            parent=parent,
            provenance={"kind": "adaptation", "practice": parent.pk} if parent else None,
            key=key_of(name),
        )
        if "asked" in facts:
            self.ask_along(contribution, person, facts)
        if "written" in facts:
            self.save(contribution, self.people[facts["second"]], facts["written"])
        if "photo" in facts:
            self.send_photo(contribution, person, facts["photo"])
        if "waits" in facts or "review" in facts:
            review.submit(contribution=contribution, person=person)
        if "review" in facts:
            self.have_reviewed(contribution, person, facts["review"])
        if "translated" in facts:
            self.translate(PracticePage.objects.get(pk=contribution.page_id), facts["translated"])
        if "waits" in facts:
            set_back(contribution, timedelta(days=facts["waits"]))
        if "confirmed" in facts:
            then = timezone.now() - timedelta(days=365 * facts["confirmed"])
            Freshness.objects.filter(practice=contribution.page_id).update(confirmed_at=then)

    def answers(self, facts: dict) -> dict:
        """Return answers as `contributions.drafts.fill` takes them."""
        answers = dict(facts)
        if rows := facts.get("participants"):
            answers["participants"] = [
                row | {"association": self.association if row.get("association") else None}
                for row in rows
            ]
        return answers

    def ask_along(self, contribution: Contribution, person: User, facts: dict) -> None:
        """Ask two collectivities to write along; one agrees."""
        second = self.people[facts["second"]]
        agreed = ask_to_write_along(
            contribution=contribution, collectivity=self.home_of(second.email), person=person
        )
        decide_authorship(authorship=agreed, person=second, agrees=True)
        ask_to_write_along(
            contribution=contribution,
            collectivity=Collectivity.objects.get(code=facts["asked"]),
            person=person,
        )

    def save(self, contribution: Contribution, person: User, facts: dict) -> None:
        """Save answers as a form does; rows are new ones."""
        answers = {
            name: [("", row) for row in value] if is_rows(value) else value
            for name, value in self.answers(facts).items()
        }
        write(contribution, person, answers)

    def send_photo(self, contribution: Contribution, person: User, facts: dict) -> None:
        photos = kind_of(contribution).section("photos").rows[0]
        file = ContentFile(draw_assembly(), name="مثال.png")
        upload = keep_upload(file=file, owner=person, policy=photos.policy)
        add_file(contribution=contribution, upload=upload, rows=photos, person=person)
        write(contribution, person, {"photos": [(f"upload-{upload.pk}", facts)]})

    def have_reviewed(self, contribution: Contribution, person: User, facts: dict) -> None:
        """Review a draft; the author corrects what the file tells, and it is published."""
        review.take_over(contribution=contribution, editor=self.editor)
        if "asked" in facts:
            for note in facts["notes"]:
                review.add_note(contribution=contribution, editor=self.editor, **note)
            review.ask_for_changes(
                contribution=contribution, editor=self.editor, words=facts["asked"]
            )
        if "corrected" in facts:
            self.save(contribution, person, facts["corrected"])
            for note in Note.objects.filter(contribution=contribution):
                review.mark_note_done(note=note, person=person)
            review.submit(contribution=contribution, person=person)
            review.take_over(contribution=contribution, editor=self.editor)
        if "published" in facts:
            review.publish(
                contribution=contribution,
                editor=self.editor,
                met=[code for code, _words in kind_of(contribution).criteria],
                revision_id=newest(contribution).latest_revision_id,
                words=facts["published"],
            )

    def translate(self, page: PracticePage, facts: dict) -> None:
        """Publish a practice in another language, as an editor does; rows keep their order."""
        there = page.copy_for_translation(Locale.objects.get(language_code=facts["language"]))
        fill(there, kinds["practice"], {key: told for key, told in facts.items() if is_text(told)})
        for name in (key for key, told in facts.items() if is_rows(told)):
            rows = list(getattr(there, name).all())
            for row, texts in zip(rows, facts[name], strict=True):
                for field, text in texts.items():
                    setattr(row, field, text)
            setattr(there, name, rows)
        there.save_revision(user=self.editor).publish(user=self.editor)

    # --- What others say and do -------------------------------------------------------------------

    def adopt(self, facts: dict) -> None:
        person = self.people[facts["by"]]
        told = {name: facts.get(name, "") for name in ("since", "kept", "changed", "result")}
        first, *later = facts["states"]
        adoption, _new = declare_adoption(
            practice=self.practice(facts["practice"]),
            collectivity=self.home_of(facts["by"]),
            person=person,
            state=first,
            fields=told | {"language": "ar"},
        )
        for state in later:
            words = facts.get("why", "") if state == later[-1] else ""
            change_state(adoption=adoption, person=person, state=state, words=words)
        if "own" in facts:
            link_own_practice(adoption=adoption, practice=self.practice(facts["own"]))

    def speak(self, facts: dict) -> None:
        """Give the word of the association on one practice; on the other one it is asked."""
        word = PartnerWord.objects.get(
            practice=self.practice(AWARDED), association=self.association
        )
        give_word(
            word=word,
            answer=facts | {"language": "ar"},
            seen=stamp_of(word),
            person=self.people[SPEAKER],
        )

    def award(self, facts: dict) -> None:
        give_award(
            key=key_of("award"),
            practice=self.practice(AWARDED),
            reviews=[
                Review(self.people[one["by"]], codes_of(NEWEST), one["words"])
                for one in facts["reviews"]
            ],
            reasons=facts["reasons"],
            language=facts["language"],
            expires_on=months_from(timezone.localdate(), HOLDS_FOR),
            editor=self.editor,
        )


def is_text(value) -> bool:
    return isinstance(value, str)


def is_rows(value) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def write(contribution: Contribution, person: User, answers: dict) -> None:
    """Save answers over what stands there now."""
    sections = kind_of(contribution).sections
    save_draft(
        contribution=contribution,
        person=person,
        sections=sections,
        answers=answers,
        seen=digests_of(newest(contribution), sections),
    )


def set_back(contribution: Contribution, days: timedelta) -> None:
    """Let a draft have come days ago, so that the queue has something to tell."""
    contribution.steps.update(at=F("at") - days)
    Contribution.objects.filter(pk=contribution.pk).update(
        started_at=F("started_at") - days,
        saved_at=F("saved_at") - days,
        submitted_at=F("submitted_at") - days,
    )
