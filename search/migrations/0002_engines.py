"""
What each database needs to search the table of documents by itself: triggers that keep a table of
FTS5 on SQLite, a stored vector with a GIN index on PostgreSQL.

Django knows nothing of either. A later migration that makes SQLite build the table of documents
anew drops its triggers with it, and must call `create` again; a test watches over that.
"""

from django.db import migrations

DOCUMENTS = "search_searchdocument"
FIELDS = ("title_stems", "summary_stems", "body_stems", "other_stems")
NEW, OLD = (", ".join(f"{which}.{name}" for name in FIELDS) for which in ("new", "old"))
COLUMNS = ", ".join(FIELDS)

ADD = f"INSERT INTO search_fts (rowid, {COLUMNS}) VALUES (new.id, {NEW});"
TAKE_OUT = (
    f"INSERT INTO search_fts (search_fts, rowid, {COLUMNS}) VALUES ('delete', old.id, {OLD});"
)
SQLITE = (
    # Our stems are folded already: nothing is to be folded once more.
    f"CREATE VIRTUAL TABLE search_fts USING fts5({COLUMNS}, content='{DOCUMENTS}',"
    " content_rowid='id', tokenize='unicode61 remove_diacritics 0')",
    f"CREATE TRIGGER search_fts_added AFTER INSERT ON {DOCUMENTS} BEGIN {ADD} END",
    f"CREATE TRIGGER search_fts_deleted AFTER DELETE ON {DOCUMENTS} BEGIN {TAKE_OUT} END",
    f"CREATE TRIGGER search_fts_changed AFTER UPDATE OF {COLUMNS} ON {DOCUMENTS}"
    f" BEGIN {TAKE_OUT} {ADD} END",
    "INSERT INTO search_fts (search_fts) VALUES ('rebuild')",
)
SQLITE_BACK = (
    "DROP TRIGGER IF EXISTS search_fts_added",
    "DROP TRIGGER IF EXISTS search_fts_deleted",
    "DROP TRIGGER IF EXISTS search_fts_changed",
    "DROP TABLE IF EXISTS search_fts",
)

VECTOR = " || ".join(
    f"setweight(to_tsvector('simple', {name}), '{weight}')"
    for name, weight in zip(FIELDS, "ABCD", strict=True)
)
POSTGRESQL = (
    f"ALTER TABLE {DOCUMENTS} ADD COLUMN vector tsvector GENERATED ALWAYS AS ({VECTOR}) STORED",
    f"CREATE INDEX search_document_vector ON {DOCUMENTS} USING gin (vector)",
    # Beginnings of titles and words are compared by their letters, whatever the locale.
    'CREATE INDEX search_prefix_start ON search_searchprefix (text COLLATE "C")',
)
POSTGRESQL_BACK = (
    "DROP INDEX IF EXISTS search_prefix_start",
    "DROP INDEX IF EXISTS search_document_vector",
    f"ALTER TABLE {DOCUMENTS} DROP COLUMN IF EXISTS vector",
)


def create(apps, schema_editor) -> None:
    run(schema_editor, POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE)


def drop(apps, schema_editor) -> None:
    vendor = schema_editor.connection.vendor
    run(schema_editor, POSTGRESQL_BACK if vendor == "postgresql" else SQLITE_BACK)


def run(schema_editor, statements) -> None:
    for statement in statements:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("search", "0001_documents")]

    operations = [migrations.RunPython(create, drop)]
