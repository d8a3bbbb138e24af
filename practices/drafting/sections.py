"""The sections in which a practice is told, in the order of its public page."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from contributions.fields import (
    choice,
    email,
    line,
    number,
    partial_date,
    phone,
    rich,
    select,
    text,
    tick,
    web_address,
    whole_number,
)
from contributions.registry import Field, Rows, Section
from core.files import Licence
from core.uploads.policies import UploadPolicy, register_upload_policy
from core.vocabularies import Principle
from practices.drafting.fields import (
    AssociationField,
    CollectivityField,
    TagsField,
    ThemesField,
    read_main_principle,
    read_principles,
    read_themes,
    told_tags,
    write_all_principles,
    write_main_principle,
    write_themes,
)
from practices.enums import Audience, PracticeKind, PracticeStatus, Stage
from practices.models import (
    PracticeAttachment,
    PracticeChallenge,
    PracticeCollectivity,
    PracticeIndicator,
    PracticeParticipant,
    PracticePhoto,
    PracticeStep,
)

MOST_PEOPLE, MOST_DIRHAMS = 40_000_000, 100_000_000_000
ANY_DATE = gettext_lazy("A year, a month or a day: 2022, 10/2022 or 21/10/2022.")

PHOTO = UploadPolicy("practice-photo", gettext_lazy("Photo"), ("jpeg", "png", "webp"))
DOCUMENT = UploadPolicy(
    "practice-document",
    gettext_lazy("Document"),
    ("pdf", "docx", "xlsx", "pptx", "odt", "ods", "odp", "csv", "txt"),
    max_bytes=20 * 1024 * 1024,
)
for policy in (PHOTO, DOCUMENT):
    register_upload_policy(policy)


ABOUT = Section(
    "about",
    gettext_lazy("What it is"),
    quick=True,
    fields=(
        choice(
            "kind",
            gettext_lazy("What do you tell?"),
            lambda: PracticeKind.choices,
            help=gettext_lazy(
                "A good practice works and can be taken over. A case study analyses what happened. "
                "What did not work helps the others most: you choose who may read it."
            ),
            needed=True,
        ),
        line(
            "title",
            gettext_lazy("Title"),
            help=gettext_lazy("What was done, in up to ten words."),
            sample=gettext_lazy("Residents decide on a part of the road budget"),
            needed=True,
            limit=120,
            kept=255,
        ),
        text(
            "summary",
            gettext_lazy("Summary"),
            help=gettext_lazy("What was done, for whom, and what came of it."),
            sample=gettext_lazy(
                "Each spring the commune asks its 14 neighbourhoods which roads to repair first. "
                "In two years, 9 of the 12 roads that they chose were repaired."
            ),
            needed=True,
            limit=300,
        ),
    ),
    rows=(
        Rows(
            "challenges",
            gettext_lazy("Which challenge does it answer?"),
            one=lambda n: _("Challenge %(number)d") % {"number": n},
            add=gettext_lazy("Add a challenge"),
            help=gettext_lazy("Up to three, the main one first, as a colleague would put them."),
            fields=(
                line(
                    "text",
                    gettext_lazy("The challenge"),
                    sample=gettext_lazy("Residents do not know how the budget is spent"),
                    needed=True,
                    limit=150,
                ),
            ),
            model=PracticeChallenge,
            most=3,
        ),
    ),
)

READERS = Section(
    "readers",
    gettext_lazy("Who may read it"),
    intro=gettext_lazy(
        "What did not work can stay within the network, or be told to everybody without your name. "
        "Where the name is hidden, it stands nowhere that anyone but you and the editors can see; "
        "do not write it in your texts."
    ),
    quick=True,
    condition=lambda page: page.kind == PracticeKind.DID_NOT_WORK,
    fields=(
        choice("audience", gettext_lazy("Who may read it?"), lambda: Audience.choices, needed=True),
        tick("hides_collectivity", gettext_lazy("Hide the name of our collectivity")),
    ),
)

WHERE = Section(
    "where",
    gettext_lazy("How far and when"),
    quick=True,
    fields=(
        select(
            "status", gettext_lazy("How far is it?"), lambda: PracticeStatus.choices, needed=True
        ),
        partial_date("start", gettext_lazy("Start"), help=ANY_DATE, needed=True),
        partial_date("end", gettext_lazy("End"), help=gettext_lazy("Empty while it runs.")),
    ),
)

COLLECTIVITIES = Section(
    "collectivities",
    gettext_lazy("Collectivities"),
    quick=True,
    condition=lambda page: not page.hides_collectivity,
    rows=(
        Rows(
            "collectivity_links",
            gettext_lazy("Collectivities concerned"),
            one=lambda n: _("Collectivity %(number)d") % {"number": n},
            add=gettext_lazy("Add a collectivity"),
            help=gettext_lazy(
                "Who did it, the one that led it first. Several did it together? Name them all."
            ),
            fields=(
                Field(
                    "collectivity",
                    gettext_lazy("Name of the collectivity"),
                    make=lambda contribution: CollectivityField(),
                    told=lambda one: one.full_name,
                    sample=gettext_lazy("Commune of Tétouan"),
                    needed=True,
                ),
            ),
            model=PracticeCollectivity,
            most=20,
        ),
    ),
)

PRINCIPLES = Section(
    "principles",
    gettext_lazy("Principles of openness"),
    quick=True,
    fields=(
        Field(
            "principles",
            gettext_lazy("What did it open up?"),
            make=lambda contribution: TagsField(Principle.objects.all()),
            read=read_principles,
            write=write_all_principles,
            told=told_tags,
            help=gettext_lazy("One or two are usual."),
            needed=True,
        ),
        Field(
            "main_principle",
            gettext_lazy("The main one"),
            make=lambda contribution: forms.ChoiceField(
                choices=[
                    ("", pgettext("principle", "The first one ticked")),
                    *((one.slug, one.label) for one in Principle.objects.all()),
                ]
            ),
            read=read_main_principle,
            write=write_main_principle,
            told=lambda slug: next(
                (one.label for one in Principle.objects.all() if one.slug == slug), ""
            ),
            help=gettext_lazy("It stands first on the page."),
        ),
    ),
)

CONTACT = Section(
    "contact",
    gettext_lazy("Contact"),
    quick=True,
    condition=lambda page: not page.hides_collectivity,
    intro=gettext_lazy(
        "Everybody can read it: it is for colleagues who want to ask you. A service is better than "
        "a person, who may move on."
    ),
    fields=(
        line(
            "contact_name",
            gettext_lazy("Service or person"),
            sample=gettext_lazy("Service of participation and cooperation"),
            needed=True,
            limit=150,
        ),
        email("contact_email", gettext_lazy("E-mail"), sample="participation@example.org"),
        phone("contact_phone", gettext_lazy("Telephone"), sample="+212 5 37 00 00 00"),
    ),
)

PHOTOS = Section(
    "photos",
    gettext_lazy("Photos"),
    quick=True,
    intro=gettext_lazy(
        "Of the thing itself, with the consent of the people on it. Place and time that the camera "
        "wrote into the file are taken out."
    ),
    rows=(
        Rows(
            "photos",
            gettext_lazy("Photos"),
            one=lambda n: _("Photo %(number)d") % {"number": n},
            add=gettext_lazy("Add photos"),
            fields=(
                line(
                    "description",
                    gettext_lazy("What is to be seen?"),
                    help=gettext_lazy("For those who do not see the photo."),
                    sample=gettext_lazy(
                        "Twenty residents round a map of the commune, in the hall of the council"
                    ),
                    limit=255,
                ),
                tick(
                    "decorative",
                    gettext_lazy("It only decorates: it says nothing that the text does not say"),
                ),
                line(
                    "caption",
                    gettext_lazy("Caption"),
                    help=gettext_lazy("What, where, when: it stands below the photo."),
                    sample=gettext_lazy("Assembly of a neighbourhood, March 2023"),
                    limit=250,
                ),
            ),
            model=PracticePhoto,
            most=12,
            file_role="photo",
            file_field="image",
            policy=PHOTO.name,
        ),
    ),
)

PROBLEM = Section(
    "problem",
    gettext_lazy("The problem and the objectives"),
    fields=(
        rich(
            "problem",
            gettext_lazy("The problem"),
            help=gettext_lazy("What did not work before, for whom, and how you knew."),
            sample=gettext_lazy(
                "The council voted the budget in October; residents learned of it from rumours. "
                "At the sessions of 2021, three people came."
            ),
            limit=4000,
        ),
        rich(
            "objectives",
            gettext_lazy("Objectives"),
            help=gettext_lazy("What was to be different in the end. A list reads well."),
            sample=gettext_lazy(
                "- Every neighbourhood is asked before the budget is voted\n"
                "- Two thirds of what is chosen is done within the year"
            ),
            lines=5,
            limit=3000,
        ),
    ),
)

STEPS = Section(
    "steps",
    gettext_lazy("What was done"),
    fields=(
        rich(
            "approach",
            gettext_lazy("How it was done"),
            help=gettext_lazy("As you would tell a colleague from another collectivity."),
            sample=gettext_lazy(
                "In January the council wrote to the 14 neighbourhoods. In March each of them held "
                "an assembly and chose three roads. The technical service said what each costs."
            ),
            limit=6000,
        ),
    ),
    rows=(
        Rows(
            "steps",
            gettext_lazy("Steps"),
            one=lambda n: _("Step %(number)d") % {"number": n},
            add=gettext_lazy("Add a step"),
            help=gettext_lazy("One thing done each, with its date where you know it."),
            fields=(
                line(
                    "title",
                    gettext_lazy("Title of the step"),
                    sample=gettext_lazy("First assembly of the neighbourhoods"),
                    needed=True,
                    limit=150,
                ),
                partial_date("date", gettext_lazy("Date"), help=ANY_DATE),
                text(
                    "text",
                    gettext_lazy("What was done"),
                    help=gettext_lazy("Who did what, with whom, in two or three sentences."),
                    sample=gettext_lazy(
                        "In each neighbourhood about 30 residents met at the school. They wrote "
                        "down which roads are worst, and voted by raising hands."
                    ),
                    limit=1000,
                ),
            ),
            model=PracticeStep,
            most=30,
        ),
    ),
)

PARTNERS = Section(
    "partners",
    gettext_lazy("Who took part, and how"),
    intro=gettext_lazy(
        "Residents, associations, partners: at which stage, and with what say. An association of "
        "the network that you name is asked to confirm the practice once it is published."
    ),
    rows=(
        Rows(
            "participants",
            gettext_lazy("Partners"),
            one=lambda n: _("Partner %(number)d") % {"number": n},
            add=gettext_lazy("Add a partner"),
            fields=(
                line(
                    "who",
                    gettext_lazy("Who?"),
                    sample=gettext_lazy("Associations of the neighbourhoods"),
                    needed=True,
                    limit=200,
                ),
                Field(
                    "association",
                    gettext_lazy("Is it an association of the network?"),
                    make=lambda contribution: AssociationField(),
                    told=lambda one: one.name,
                ),
                select(
                    "stage",
                    gettext_lazy("At which stage?"),
                    lambda: Stage.choices,
                    needed=True,
                ),
                text(
                    "role",
                    gettext_lazy("What did they do, and what could they decide?"),
                    sample=gettext_lazy(
                        "They led the assemblies, and chose the roads; the council could change "
                        "the order, and had to say why."
                    ),
                    lines=3,
                    limit=500,
                ),
            ),
            model=PracticeParticipant,
            most=30,
        ),
    ),
)

RESOURCES = Section(
    "resources",
    gettext_lazy("What it took"),
    fields=(
        whole_number(
            "budget_mad",
            gettext_lazy("Budget in dirhams"),
            most=MOST_DIRHAMS,
            help=gettext_lazy("What it cost in all. Empty where nobody counted."),
            sample="450 000",
        ),
        rich(
            "resources",
            gettext_lazy("People, tools, support"),
            help=gettext_lazy("How many people, which tools, whose support."),
            sample=gettext_lazy(
                "Two officials for two months, the rooms of the schools, free software for the "
                "map, a training by the region."
            ),
            lines=5,
            limit=3000,
        ),
        rich(
            "legal_basis",
            gettext_lazy("Legal basis"),
            help=gettext_lazy("The law or the deliberation of the council that it rests on."),
            sample=gettext_lazy("Law 31-13, article 10; deliberation of the session of May 2022"),
            lines=3,
            limit=2000,
        ),
    ),
)

RESULTS = Section(
    "results",
    gettext_lazy("Results"),
    fields=(
        rich(
            "results",
            gettext_lazy("What changed?"),
            help=gettext_lazy("For whom, since when, and how you know."),
            sample=gettext_lazy(
                "Of the 12 roads that residents chose, 9 were repaired by the end of 2023; the "
                "technical service keeps the list. More people come to the sessions of the council."
            ),
            limit=4000,
        ),
        whole_number(
            "population_reached",
            gettext_lazy("People reached"),
            most=MOST_PEOPLE,
            help=gettext_lazy("How many people it concerned, as you counted them."),
            sample="12 000",
        ),
    ),
    rows=(
        Rows(
            "indicators",
            gettext_lazy("Figures"),
            one=lambda n: _("Figure %(number)d") % {"number": n},
            add=gettext_lazy("Add a figure"),
            help=gettext_lazy(
                "A figure of the result, before and after, with its date and its source."
            ),
            fields=(
                line(
                    "name",
                    gettext_lazy("What was measured?"),
                    sample=gettext_lazy("People at the assemblies"),
                    needed=True,
                    limit=200,
                ),
                number("baseline", gettext_lazy("Before"), sample="35"),
                number("value", gettext_lazy("After"), sample="420", needed=True),
                line("unit", gettext_lazy("Unit"), sample=gettext_lazy("people"), limit=40),
                partial_date("date", gettext_lazy("Date of the figure"), needed=True),
                line(
                    "source",
                    gettext_lazy("Source"),
                    sample=gettext_lazy("Attendance lists of the commune"),
                    needed=True,
                    limit=200,
                ),
            ),
            model=lambda: PracticeIndicator(value=Decimal(0)),
            most=20,
        ),
    ),
)

LESSONS = Section(
    "lessons",
    gettext_lazy("Difficulties and lessons"),
    fields=(
        rich(
            "difficulties",
            gettext_lazy("Difficulties"),
            help=gettext_lazy("What went wrong or took longer, and why."),
            sample=gettext_lazy(
                "Few women came to the first assemblies, which were held in the evening. From the "
                "second year on we met on Sunday morning."
            ),
            limit=3000,
        ),
        rich(
            "lessons",
            gettext_lazy("Lessons"),
            help=gettext_lazy("What you would do again, and what not."),
            sample=gettext_lazy(
                "We would begin with two neighbourhoods. We would again show the costs before the "
                "vote: nobody asked for what cannot be paid."
            ),
            limit=3000,
        ),
    ),
)

TRANSFER = Section(
    "transfer",
    gettext_lazy("For another collectivity"),
    fields=(
        rich(
            "transfer_conditions",
            gettext_lazy("What another collectivity needs to do the same"),
            help=gettext_lazy(
                "Money, people, rules, time: what has to be there before one begins."
            ),
            sample=gettext_lazy(
                "A part of the budget that the council sets aside beforehand, and one official who "
                "answers to the residents."
            ),
            limit=3000,
        ),
        rich(
            "how_to",
            gettext_lazy("The first three steps for who begins tomorrow"),
            help=gettext_lazy("What you would do first, second and third."),
            sample=gettext_lazy("1. Ask…\n2. Meet…\n3. Decide…"),
            limit=3000,
        ),
    ),
)

DOCUMENTS = Section(
    "documents",
    gettext_lazy("Documents, links, themes"),
    fields=(
        Field(
            "themes",
            gettext_lazy("Themes"),
            make=lambda contribution: ThemesField(),
            read=read_themes,
            write=write_themes,
            told=told_tags,
            help=gettext_lazy("What it is about. Three are plenty."),
        ),
        choice(
            "licence",
            gettext_lazy("What may others do with the text?"),
            lambda: Licence.choices,
            needed=True,
        ),
    ),
    rows=(
        Rows(
            "attachments",
            gettext_lazy("Documents and links"),
            one=lambda n: _("Document or link %(number)d") % {"number": n},
            add=gettext_lazy("Add a link"),
            fields=(
                line(
                    "title",
                    gettext_lazy("Title"),
                    sample=gettext_lazy("Rules of the vote on the roads"),
                    needed=True,
                    limit=200,
                ),
                web_address(
                    "url",
                    gettext_lazy("Address"),
                    help=gettext_lazy("Of a link; empty for a document that you have sent."),
                ),
            ),
            model=PracticeAttachment,
            most=20,
            file_role="document",
            file_field="document",
            policy=DOCUMENT.name,
        ),
    ),
)

SECTIONS = (
    ABOUT,
    READERS,
    COLLECTIVITIES,
    PRINCIPLES,
    WHERE,
    CONTACT,
    PHOTOS,
    PROBLEM,
    STEPS,
    PARTNERS,
    RESOURCES,
    RESULTS,
    LESSONS,
    TRANSFER,
    DOCUMENTS,
)
