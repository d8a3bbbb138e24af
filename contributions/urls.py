"""Writing together, submitting, advising."""

urlpatterns: list = []
