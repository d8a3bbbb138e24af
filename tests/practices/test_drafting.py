"""What the kind "practice" asks a member."""

import pytest
from django.forms import CharField, DecimalField, IntegerField, URLField

from contributions.fields import PartialDateField
from practices.drafting.fields import CollectivityField
from practices.drafting.sections import SECTIONS

TYPED = (CharField, DecimalField, IntegerField, CollectivityField)
# Their hint shows how to write one, or the empty field itself.
SHOWN_OTHERWISE = (PartialDateField, URLField)


@pytest.mark.django_db
@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_a_sample_answer_stands_beside_whatever_is_typed(section):
    asked = [*section.fields, *(field for rows in section.rows for field in rows.fields)]
    forms = {field: field.make(None) for field in asked}
    typed = [
        field
        for field, form in forms.items()
        if isinstance(form, TYPED) and not isinstance(form, SHOWN_OTHERWISE)
    ]
    assert [field.name for field in typed if not field.sample] == []
