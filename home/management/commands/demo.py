import hashlib
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from home.demo.accounts import prepare_accounts, recovery_code_of
from home.demo.contributions import load_contributions
from home.demo.network import load_network
from members.models import Collectivity
from search.models import Concept, SearchDocument


class Command(BaseCommand):
    help = "Prepare the site with its demo content and run it on this machine."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--port", default="8000")
        parser.add_argument("--no-serve", action="store_true", help="prepare only")

    def handle(self, *, port: str, no_serve: bool, **options) -> None:
        if not settings.SITE_IS_LOOPBACK:
            raise CommandError(
                f"The demo runs on this machine only, and SITE_URL is {settings.SITE_URL}."
            )
        self.step("database")
        call_command("migrate", verbosity=0)
        self.step("languages")
        call_command("compile_messages")
        self.step("fonts and styles")
        call_command("build_assets")
        self.collect_static()
        self.step("collectivities")
        if not Collectivity.objects.exists():
            call_command("import_collectivities", verbosity=0)
        self.step("demo content")
        call_command("load_demo")
        if not Concept.objects.filter(origin="").exists():
            call_command("load_termbase", verbosity=0)
        passwords = prepare_accounts()
        load_network()
        load_contributions()
        if not SearchDocument.objects.exists():
            # The worker would do it too, after the page that somebody opens first.
            self.step("search")
            call_command("search_rebuild", stdout=StringIO())
        address = f"http://127.0.0.1:{port}"
        self.stdout.write(self.style.SUCCESS(f"\nThe site: {address}/"))
        self.stdout.write(f"Its administration: {address}/admin/")
        self.stdout.write(f"The spaces of members: {address}/ar/space/")
        for email, password in passwords.items():
            code = recovery_code_of(email)
            second = f"  code of the second step, for one login: {code}" if code else ""
            self.stdout.write(f"  {email}  password: {password}{second}")
        if not no_serve:
            self.stdout.write("Stop it with Ctrl+C.\n")
            self.stdout.flush()
            call_command("serve", port=port)

    def step(self, what: str) -> None:
        self.stdout.write(f"→ {what}")
        self.stdout.flush()

    def collect_static(self) -> None:
        """Collect and compress static files, unless nothing has changed since the last time."""
        stamp = Path(settings.STATIC_ROOT).with_suffix(".stamp")
        state = hashlib.sha256((settings.BASE_DIR / "requirements.txt").read_bytes())
        for folder in settings.STATICFILES_DIRS:
            for file in sorted(Path(folder).rglob("*")):
                if file.is_file():
                    state.update(str(file).encode() + file.read_bytes())
        if stamp.exists() and stamp.read_text() == state.hexdigest():
            return
        self.step("static files")
        call_command("collectstatic", interactive=False, verbosity=0, clear=True)
        stamp.write_text(state.hexdigest())
