"""Writing together, submitting, advising."""

from django.urls import path

from contributions.views import files, history, opinions, together, writing

urlpatterns = [
    path("of/<slug:key>/", writing.contributions, name="space_contributions"),
    path("of/<slug:key>/start/", writing.start, name="space_contribution_start"),
    path("of/<slug:key>/similar/", writing.similar, name="space_similar"),
    path("new-version/<slug:slug>/", writing.new_version, name="contribution_new_version"),
    path("<int:pk>/", writing.overview, name="contribution"),
    path("<int:pk>/write/<slug:section>/", writing.section, name="contribution_section"),
    path("<int:pk>/check/", writing.check, name="contribution_check"),
    path("<int:pk>/sent/", writing.sent, name="contribution_sent"),
    path("<int:pk>/take-back/", writing.take_back, name="contribution_take_back"),
    path("<int:pk>/drop/", writing.drop, name="contribution_drop"),
    path("<int:pk>/preview/", history.preview, name="contribution_preview"),
    path("<int:pk>/history/", history.history, name="contribution_history"),
    path("<int:pk>/history/<int:revision>/", history.version, name="contribution_version"),
    path("<int:pk>/opinion/", opinions.opinion, name="contribution_opinion"),
    path("<int:pk>/authors/", together.authors, name="contribution_authors"),
    path(
        "<int:pk>/authors/<int:authorship>/answer/",
        together.answer,
        name="contribution_author_answer",
    ),
    path("<int:pk>/authors/<int:authorship>/end/", together.end, name="contribution_author_end"),
    path("<int:pk>/notes/<int:note>/done/", together.note_done, name="contribution_note_done"),
    path("<int:pk>/send/<slug:rows>/", files.send, name="contribution_send"),
    path("<int:pk>/send/<slug:rows>/<uuid:key>/", files.part, name="contribution_file_part"),
    path("<int:pk>/files/<uuid:key>/", files.file, name="contribution_file"),
]
