"""The repository keeps its own rules."""

import re
import subprocess
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
# From the top to the bottom: an app may know those behind it, never those before it.
ORDER = ["home", "practices", "contributions", "members", "notifications", "search", "core"]


def tracked_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_relations_between_models_go_to_the_right_only():
    wrong = []
    for model in apps.get_models():
        mine = model._meta.app_label
        if mine not in ORDER:
            continue
        for field in model._meta.get_fields():
            if field.auto_created or not field.is_relation or not field.related_model:
                continue
            if field.related_model._meta.label == settings.AUTH_USER_MODEL:
                continue  # named by a setting, not by an import
            other = field.related_model._meta.app_label
            if other in ORDER and ORDER.index(other) < ORDER.index(mine):
                wrong.append(f"{model.__name__}.{field.name} → {other}")
    assert wrong == []


def test_each_app_stands_in_the_order():
    ours = {config.label for config in apps.get_app_configs() if Path(config.path).parent == ROOT}
    assert ours == set(ORDER)


def test_each_target_of_the_makefile_is_one_line():
    lines = (ROOT / "Makefile").read_text().splitlines()
    commands = [n for n, line in enumerate(lines) if line.startswith("\t")]
    assert [n for n in commands if n - 1 in commands] == []
    assert all(not lines[n].endswith("\\") for n in commands)


def test_no_file_names_a_package_index_or_a_path_of_a_machine():
    # Written apart, so that this file does not hold them itself.
    hosts = ["files.python" + "hosted", "pypi." + "org", "registry.npm" + "js", "/root/" + ".pyenv"]
    found = [
        f"{path.relative_to(ROOT)}: {host}"
        for path in tracked_files()
        if path.suffix not in {".png", ".woff2"}
        for host in hosts
        if host in path.read_text(encoding="utf-8", errors="ignore")
    ]
    assert found == []


def test_no_font_or_foreign_code_is_kept():
    kept = [
        path.name for path in tracked_files() if path.suffix in {".woff2", ".ttf", ".otf", ".mo"}
    ]
    assert kept == []
    assert "uv.lock" not in {path.name for path in tracked_files()}


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_each_requirement_is_pinned_with_a_hash(name):
    text = (ROOT / name).read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    assert [
        line for line in lines if not re.match(r"[\w.-]+(\[\w+\])?==\S+ .*--hash=sha256:", line)
    ] == []


def test_templates_hold_no_inline_style_or_script():
    inline = re.compile(r"\sstyle=|\son\w+=|<script(?![^>]*(\ssrc=|ld\+json|application/json))")
    found = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "templates").rglob("*.html")
        if inline.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_styles_use_logical_properties_only():
    physical = re.compile(
        r"(?<![\w-])(margin|padding|border)-(left|right|top|bottom)\b|(?<![\w-])(left|right|top|bottom):"
        r"|text-align: *(left|right)|float: *(left|right)"
    )
    found = [
        f"{path.name}: {match.group()}"
        for path in (ROOT / "static" / "css").glob("*.css")
        for match in physical.finditer(path.read_text())
    ]
    assert found == []


def test_files_of_code_stay_short():
    long = {
        str(path.relative_to(ROOT)): count
        for path in tracked_files()
        if path.suffix == ".py" and "tests" not in path.parts and "migrations" not in path.parts
        if (count := len(path.read_text().splitlines())) > 620
    }
    assert long == {}
