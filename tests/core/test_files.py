from io import BytesIO
from pathlib import Path, PurePath

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image, PngImagePlugin
from wagtail.models import UploadedFile

from core.files import SiteDocument, SiteImage, generated_name, without_metadata
from tests.factories import make_staff

# Wagtail's own: its templates ask for what is not there, its renditions leave files open.
pytestmark = [
    pytest.mark.ignore_template_errors,
    pytest.mark.filterwarnings(
        "ignore::ResourceWarning",
        "ignore::pytest.PytestUnraisableExceptionWarning",
    ),
]

LONG_NAMES = {
    "254 Arabic letters": "ا" * 250,
    "74 emoji": "🏛" * 74,
    "quotes and brackets": "\"'<b>",
    "letters that turn": "a\u202eb",
}
# What a telephone writes into a photo of its owner's house.
MAKE, MODEL, TIME, PLACE = "TellTaleMake", "TellTaleModel", "2026:11:23 12:00:00", (34.0, 1.0, 2.5)
RED, BLUE = (200, 20, 20), (20, 20, 200)
CLOSE = 60  # how far a colour may be off after a lossy format


def photo(kind: str, *, orientation: int = 1, size=(64, 32)) -> bytes:
    """A picture, red at its left and blue at its right, with all that a camera writes beside."""
    picture = Image.new("RGB", size, RED)
    picture.paste(BLUE, (size[0] // 2, 0, *size))
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x0110], exif[0x0132] = orientation, MAKE, MODEL, TIME
    exif[0x8825] = {1: "N", 2: PLACE, 3: "W", 4: (6.0, 50.0, 1.0)}
    options = {"exif": exif}
    if kind in ("JPEG", "WEBP"):
        options["xmp"] = b"<x:xmpmeta>TellTaleXmp</x:xmpmeta>"
    if kind == "JPEG":
        options["comment"] = b"TellTaleComment"
    if kind == "PNG":
        options["pnginfo"] = PngImagePlugin.PngInfo()
        options["pnginfo"].add_text("Author", "TellTaleAuthor")
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", "<x>TellTaleXmp</x>")
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def tells(content: bytes) -> bool:
    """Whether a file still tells anything of its making."""
    picture = Image.open(BytesIO(content))
    picture.load()
    told = {"exif", "xmp", "comment", "Author", "XML:com.adobe.xmp"} & picture.info.keys()
    return bool(told) or dict(picture.getexif()) != {} or b"TellTale" in content


def close(colour, other) -> bool:
    return all(abs(a - b) < CLOSE for a, b in zip(colour, other, strict=True))


FORMATS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "AVIF": "avif"}


@pytest.fixture
def add_image(db):
    def add(content: bytes, name: str) -> SiteImage:
        return SiteImage.objects.create(title="x", file=ContentFile(content, name=name))

    return add


@pytest.fixture
def editor(client, db):
    """An editor at the admin, logged in."""
    client.force_login(make_staff("Administrators"))
    return client


@pytest.mark.parametrize(("kind", "suffix"), FORMATS.items())
def test_photo_is_stored_without_place_time_and_camera(add_image, kind, suffix):
    content = photo(kind)
    assert tells(content)
    image = add_image(content, f"house.{suffix}")
    stored = Path(image.file.path).read_bytes()
    assert not tells(stored)
    assert Image.open(BytesIO(stored)).format == kind
    assert (image.width, image.height, image.file_size) == (64, 32, len(stored))
    assert image.file_hash == SiteImage.objects.get(pk=image.pk).file_hash != ""


@pytest.mark.parametrize(("kind", "suffix"), FORMATS.items())
def test_smaller_versions_of_a_photo_tell_nothing(add_image, kind, suffix):
    image = add_image(photo(kind), f"house.{suffix}")
    for spec in ("width-16", "original", "fill-16x16|format-jpeg", "width-32|format-png"):
        assert not tells(Path(image.get_rendition(spec).file.path).read_bytes())


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(
    ("orientation", "size", "first", "last"),
    [
        (1, (64, 32), RED, BLUE),
        (2, (64, 32), BLUE, RED),
        (3, (64, 32), BLUE, RED),
        (6, (32, 64), RED, BLUE),  # turned right: what was left is above
        (8, (32, 64), BLUE, RED),
    ],
)
def test_photo_keeps_standing_as_it_was_shown(kind, orientation, size, first, last):
    picture = Image.open(BytesIO(without_metadata(photo(kind, orientation=orientation))))
    assert picture.size == size
    assert picture.getexif().get(0x0112, 1) == 1
    picture = picture.convert("RGB")
    assert close(picture.getpixel((2, 2)), first)
    assert close(picture.getpixel((size[0] - 3, size[1] - 3)), last)


def test_photo_taken_upright_is_stored_with_its_shown_size(add_image):
    image = add_image(photo("JPEG", orientation=6), "house.jpg")
    assert (image.width, image.height) == (32, 64)


def test_photo_of_a_telephone_with_more_pictures_behind_it_keeps_the_first():
    file = BytesIO()
    exif = Image.Exif()
    exif[0x010F] = MAKE
    frames = [Image.new("RGB", (64, 32), colour) for colour in (RED, BLUE)]
    frames[0].save(file, "MPO", save_all=True, append_images=frames[1:], exif=exif)
    bare = without_metadata(file.getvalue())
    picture = Image.open(BytesIO(bare))
    assert (picture.format, picture.size, tells(bare)) == ("JPEG", (64, 32), False)
    assert close(picture.getpixel((5, 5)), RED)


def test_picture_keeps_its_colours_and_its_transparency():
    profile = Image.open(BytesIO(photo("PNG"))).info.get("icc_profile")
    assert profile is None
    picture = Image.new("RGBA", (8, 8), (1, 2, 3, 4))
    file = BytesIO()
    picture.save(file, "PNG", icc_profile=b"profile")
    bare = Image.open(BytesIO(without_metadata(file.getvalue())))
    assert (bare.mode, bare.getpixel((0, 0)), bare.info["icc_profile"]) == (
        "RGBA",
        (1, 2, 3, 4),
        b"profile",
    )


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "I;16"])
def test_drawing_of_any_kind_of_pixels_can_be_stored(add_image, mode):
    file = BytesIO()
    Image.new("L", (8, 8), 1).convert(mode).save(file, "PNG")
    assert add_image(file.getvalue(), "a.png").width == 8


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_photo_in_grey_or_for_print_can_be_stored(add_image, mode):
    file = BytesIO()
    Image.new(mode, (8, 8)).save(file, "JPEG")
    assert add_image(file.getvalue(), "a.jpg").width == 8


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_moving_picture_stays_as_it_is(kind):
    assert without_metadata(moving(kind)) == moving(kind)


def moving(kind, **options) -> bytes:
    file = BytesIO()
    frames = [Image.new("RGB", (8, 8), colour) for colour in (RED, BLUE)]
    frames[0].save(file, kind, save_all=True, append_images=frames[1:], duration=100, **options)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_moving_picture_loses_what_stands_beside_its_frames(kind):
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: PLACE, 3: "W", 4: (6.0, 50.0, 1.0)}
    beside = {"exif": exif.tobytes()}
    if kind == "WEBP":
        beside["xmp"] = b"<x:xmpmeta>TellTaleXmp</x:xmpmeta>"
    else:
        beside["pnginfo"] = PngImagePlugin.PngInfo()
        beside["pnginfo"].add_text("Author", "TellTaleAuthor")
    content = moving(kind, **beside)
    bare = without_metadata(content + b"behind it")
    assert tells(content)
    assert not tells(bare)
    assert without_metadata(bare) == bare
    before, after = Image.open(BytesIO(content)), Image.open(BytesIO(bare))
    assert (after.format, after.n_frames, after.size) == (kind, 2, (8, 8))
    for frame in (0, 1):
        before.seek(frame)
        after.seek(frame)
        assert after.convert("RGB").tobytes() == before.convert("RGB").tobytes()
    with pytest.raises(ValueError, match="no whole picture"):
        without_metadata(content[:-30])


@pytest.mark.parametrize(
    "content", [b"", b"not a picture", photo("JPEG")[:-300], photo("PNG")[:-60], photo("WEBP")[:60]]
)
def test_file_that_is_no_whole_picture_is_refused(content):
    with pytest.raises(ValueError, match="no whole picture"):
        without_metadata(content)


def test_stored_picture_is_not_written_again_when_its_title_changes(add_image):
    image = add_image(photo("JPEG"), "a.jpg")
    name, before = image.file.name, Path(image.file.path).read_bytes()
    image = SiteImage.objects.get(pk=image.pk)
    image.title = "y"
    image.full_clean()
    image.save()
    assert (image.file.name, Path(image.file.path).read_bytes()) == (name, before)


def upload_image(editor, content: bytes, name: str):
    file = SimpleUploadedFile(name, content)
    data = {"title": "x", "file": file, "licence": "cc-by-4.0", "collection": "1", "tags": ""}
    return editor.post(reverse("wagtailimages:add"), data)


@pytest.mark.parametrize(("kind", "suffix"), FORMATS.items())
def test_upload_of_a_photo_takes_its_metadata_out(editor, kind, suffix):
    answer = upload_image(editor, photo(kind, orientation=6), f"house.{suffix}")
    assert answer.status_code == 302
    image = SiteImage.objects.get()
    stored = Path(image.file.path).read_bytes()
    assert not tells(stored)
    assert (image.width, image.height, image.file_size) == (32, 64, len(stored))


def test_upload_of_several_photos_at_once_takes_their_metadata_out(editor):
    file = SimpleUploadedFile("house.jpg", photo("JPEG"))
    answer = editor.post(
        reverse("wagtailimages:add_multiple"),
        {"title": "house", "files[]": file, "collection": "1"},
    )
    assert answer.json()["success"] is True
    image = SiteImage.objects.get()
    assert image.licence == "cc-by-4.0"
    assert not tells(Path(image.file.path).read_bytes())


def test_photo_that_waited_for_a_title_loses_its_metadata(editor, client, settings):
    file = SimpleUploadedFile("house.jpg", photo("JPEG", orientation=6))
    answer = editor.post(
        reverse("wagtailimages:add_multiple"), {"title": "", "files[]": file, "collection": "1"}
    )
    waiting = UploadedFile.objects.get()
    assert client.get("/media/" + waiting.file.name).status_code == 404

    prefix = f"uploaded-image-{waiting.pk}"
    answer = editor.post(
        reverse("wagtailimages:create_multiple_from_uploaded_image", args=[waiting.pk]),
        {f"{prefix}-title": "x", f"{prefix}-collection": "1", f"{prefix}-tags": ""},
    )
    assert answer.json()["success"] is True
    image = SiteImage.objects.get()
    stored = Path(image.file.path).read_bytes()
    assert not tells(stored)
    assert (image.width, image.height, image.file_size) == (32, 64, len(stored))
    assert [path.name for path in Path(image.file.path).parent.iterdir()].count(
        PurePath(image.file.name).name
    ) == 1
    assert not Path(settings.MEDIA_ROOT, "wagtail_uploads", "house.jpg").exists()


def test_photo_put_in_the_place_of_another_loses_its_metadata(editor, add_image):
    image = add_image(photo("JPEG"), "a.jpg")
    old = Path(image.file.path)
    data = {
        "title": "y",
        "file": SimpleUploadedFile("b.png", photo("PNG", size=(20, 10))),
        "licence": "cc0-1.0",
        "collection": "1",
        "tags": "",
    }
    answer = editor.post(reverse("wagtailimages:edit", args=[image.pk]), data)
    assert answer.status_code == 302
    image.refresh_from_db()
    assert not tells(Path(image.file.path).read_bytes())
    assert (image.title, image.width, image.file.name.endswith(".png")) == ("y", 20, True)
    assert not old.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", photo("JPEG")),
        ("a.jpg", b"<script>alert(1)</script>"),
        ("a.jpg", b""),
        ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
        ("a.html", photo("JPEG")),
    ],
)
def test_upload_of_what_is_no_picture_is_refused_in_words(editor, name, content):
    answer = upload_image(editor, content, name)
    assert (answer.status_code, SiteImage.objects.count()) == (200, 0)
    assert list(answer.context["form"].errors) == ["file"]


def test_upload_of_more_than_forty_megapixels_is_refused(editor):
    file = BytesIO()
    Image.new("1", (8000, 5001)).save(file, "PNG", optimize=True)
    assert len(file.getvalue()) < 100_000
    answer = upload_image(editor, file.getvalue(), "bomb.png")
    assert (answer.status_code, SiteImage.objects.count()) == (200, 0)
    assert [error.code for error in answer.context["form"].errors.as_data()["file"]] == [
        "file_too_many_pixels"
    ]


def test_upload_of_forty_megapixels_is_taken(editor):
    file = BytesIO()
    Image.new("1", (8000, 5000)).save(file, "PNG")
    assert upload_image(editor, file.getvalue(), "large.png").status_code == 302
    assert SiteImage.objects.get().width == 8000


@pytest.mark.parametrize("kind", LONG_NAMES)
def test_upload_of_an_image_with_any_name(editor, kind):
    assert upload_image(editor, photo("JPEG"), LONG_NAMES[kind] + ".jpg").status_code == 302
    image = SiteImage.objects.get()
    assert PurePath(image.file.name).match("original_images/" + "[0-9a-f]" * 24 + ".jpg")
    rendition = image.get_rendition("width-16")
    assert rendition.file.name.isascii()


@pytest.mark.parametrize("kind", LONG_NAMES)
def test_upload_of_a_document_with_any_name(editor, client, kind):
    name = LONG_NAMES[kind] + ".pdf"
    data = {
        "title": "x",
        "file": SimpleUploadedFile(name, b"%PDF-1.7"),
        "licence": "cc-by-4.0",
        "collection": "1",
        "tags": "",
    }
    assert editor.post(reverse("wagtaildocs:add"), data).status_code == 302
    document = SiteDocument.objects.get()
    assert PurePath(document.file.name).match("documents/" + "[0-9a-f]" * 24 + ".pdf")
    assert document.filename.endswith(".pdf")
    assert len(document.filename) <= 255
    answer = client.get(document.url)
    assert b"".join(answer.streaming_content) == b"%PDF-1.7"


def test_upload_of_several_documents_at_once_keeps_their_names(editor):
    file = SimpleUploadedFile("ميزانية.pdf", b"%PDF-1.7")
    answer = editor.post(
        reverse("wagtaildocs:add_multiple"),
        {"title": "x", "files[]": file, "collection": "1"},
    )
    assert answer.json()["success"] is True
    assert SiteDocument.objects.get().filename == "ميزانية.pdf"


@pytest.mark.parametrize("name", ["a.exe", "a.html", "a.svg", "a.pdf.exe", "a"])
def test_upload_of_a_document_of_another_type_is_refused(editor, name):
    data = {
        "title": "x",
        "file": SimpleUploadedFile(name, b"x"),
        "licence": "cc-by-4.0",
        "collection": "1",
        "tags": "",
    }
    answer = editor.post(reverse("wagtaildocs:add"), data)
    assert (answer.status_code, SiteDocument.objects.count()) == (200, 0)


def test_generated_name_is_random_and_keeps_the_ending():
    first, second = generated_name("x", "A.PDF"), generated_name("x", "A.PDF")
    assert first != second
    assert PurePath(first).match("x/" + "[0-9a-f]" * 24 + ".pdf")
    assert len(generated_name("x", "a." + "ب" * 200).encode()) < 100
    assert "/" not in generated_name("x", "../../etc/passwd").removeprefix("x/")


def test_alt_text_is_in_the_nearest_language(db):
    image = SiteImage(alt_fr="Une fontaine")
    assert (image.default_alt_text, image.alt_language) == ("Une fontaine", "fr")
    image.alt_ar = "سقاية"
    assert (image.default_alt_text, image.alt_language) == ("سقاية", "ar")
    assert (SiteImage().default_alt_text, SiteImage().alt_language) == ("", "ar")


CUT_OFF = {suffix: photo(kind)[:-300] for kind, suffix in FORMATS.items() if kind != "WEBP"}
CUT_OFF |= {"webp": photo("WEBP")[:60], "gif": b"GIF89a" + bytes(50)}


@pytest.mark.parametrize("suffix", CUT_OFF)
@pytest.mark.parametrize("title", ["x", ""])
def test_upload_of_a_picture_that_is_cut_off_is_refused_in_words(editor, suffix, title):
    name, content = f"a.{suffix}", CUT_OFF[suffix]
    answer = upload_image(editor, content, name)
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == ["file"]
    answer = editor.post(
        reverse("wagtailimages:add_multiple"),
        {"title": title, "files[]": SimpleUploadedFile(name, content), "collection": "1"},
    )
    assert answer.json()["success"] is False
    assert (SiteImage.objects.count(), UploadedFile.objects.count()) == (0, 0)


def test_picture_in_the_place_of_another_that_is_cut_off_is_refused(editor, add_image):
    image = add_image(photo("JPEG"), "a.jpg")
    before = Path(image.file.path).read_bytes()
    data = {"title": "y", "file": SimpleUploadedFile("b.jpg", CUT_OFF["jpg"])}
    data |= {"licence": "cc0-1.0", "collection": "1", "tags": ""}
    answer = editor.post(reverse("wagtailimages:edit", args=[image.pk]), data)
    assert (answer.status_code, list(answer.context["form"].errors)) == (200, ["file"])
    assert Path(image.file.path).read_bytes() == before
