import getpass
import sys

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from members.enums import StaffRole
from members.models import User
from members.services.staff import appoint


class Command(BaseCommand):
    help = (
        "Make a person an administrator: the first one of a new site, or one more. Asks for a "
        "password where there is no account yet; the second step is set up at the first login."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument(
            "--password-from-input",
            action="store_true",
            help="read the password from the first line of the standard input",
        )

    def handle(self, *, email: str, password_from_input: bool, **options) -> None:
        email = email.strip().lower()
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"“{email}” is no e-mail address.") from error
        person = User.objects.filter(email__iexact=email).first()
        if person and not person.is_active:
            raise CommandError(f"The account of {email} is disabled.")
        password = None if person else self.ask(email, password_from_input)
        with transaction.atomic():
            if person is None:
                person = User.objects.create_user(email, password)
                EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
            changed = appoint(person=person, role=StaffRole.ADMINISTRATOR, actor=None)
        self.stdout.write(
            f"{email} is an administrator." if changed else f"{email} is one already."
        )

    def ask(self, email: str, from_input: bool) -> str:
        """Return a good password, typed twice or read once."""
        if from_input:
            password = sys.stdin.readline().rstrip("\r\n")
        else:
            password = getpass.getpass("Password: ")
            if getpass.getpass("Once more: ") != password:
                raise CommandError("The two are not the same. Nothing was changed.")
        try:
            validate_password(password, User(email=email))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        return password
