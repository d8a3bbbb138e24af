import pytest

from members.models import Collectivity
from tests.conftest import index_waiting
from tests.members.world import World, make_world


def make(code: str, kind: str, name_ar: str, name_fr: str, parent=None, **fields) -> Collectivity:
    """Make a collectivity that lies in another, and in its region."""
    one = Collectivity.objects.create(
        code=code,
        kind=kind,
        name_ar=name_ar,
        name_fr=name_fr,
        parent=parent,
        region=parent.region if parent else None,
        **fields,
    )
    if not parent:
        one.region = one
        one.save()
    return one


@pytest.fixture
def region(db) -> Collectivity:
    return make("01", "region", "طنجة-تطوان-الحسيمة", "Tanger-Tétouan-Al Hoceïma")


@pytest.fixture
def province(region) -> Collectivity:
    return make("01.571", "province", "تطوان", "Tétouan", region, population=611928)


@pytest.fixture
def commune(province) -> Collectivity:
    return make("01.571.01.11", "commune", "تطوان", "Tétouan", province, setting="urban")


@pytest.fixture
def other_region(db) -> Collectivity:
    return make("03", "region", "فاس-مكناس", "Fès-Meknès", name_zgh="ⴼⴰⵙ ⵎⴽⵏⴰⵙ")


@pytest.fixture
def many_communes(province) -> list[Collectivity]:
    """Fifty communes: more than stand on a page of the directory."""
    return [
        make(f"01.571.05.{n}", "commune", f"جماعية {n}", f"Exemple {n}", province)
        for n in range(50)
    ]


@pytest.fixture
def world(db) -> World:
    """One of everybody: see `tests.members.world`."""
    world = make_world()
    index_waiting()  # once, and not before each of hundreds of addresses
    return world
