from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class CollectivityKind(models.TextChoices):
    """What a territorial collectivity is (constitution, article 135)."""

    REGION = "region", pgettext_lazy("collectivity", "Region")
    PREFECTURE = "prefecture", pgettext_lazy("collectivity", "Prefecture")
    PROVINCE = "province", pgettext_lazy("collectivity", "Province")
    COMMUNE = "commune", pgettext_lazy("collectivity", "Commune")


class Level(models.TextChoices):
    """The three levels; prefectures and provinces are one."""

    REGION = "region", pgettext_lazy("collectivity", "Region")
    PROVINCE = "province", _("Prefecture or province")
    COMMUNE = "commune", pgettext_lazy("collectivity", "Commune")


KINDS_OF_LEVEL: dict[str, tuple[str, ...]] = {
    Level.REGION: (CollectivityKind.REGION,),
    Level.PROVINCE: (CollectivityKind.PREFECTURE, CollectivityKind.PROVINCE),
    Level.COMMUNE: (CollectivityKind.COMMUNE,),
}
LEVEL_OF_KIND: dict[str, str] = {
    kind: level for level, kinds in KINDS_OF_LEVEL.items() for kind in kinds
}


class Setting(models.TextChoices):
    """Whether a commune is urban or rural, as the census has it."""

    URBAN = "urban", pgettext_lazy("commune", "Urban")
    RURAL = "rural", pgettext_lazy("commune", "Rural")
