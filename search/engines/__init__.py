"""
The three engines: SQLite's FTS5, PostgreSQL, Elasticsearch. Each answers `match` in the same way.

The database's own engine is always there. Elasticsearch answers where `ELASTICSEARCH_URL` is set,
and for as long as it can be relied on; see `search.services`.
"""

from django.conf import settings
from django.db import connection

from search.engines.base import Engine, Matches, Scope
from search.engines.elasticsearch import ElasticsearchEngine, EngineAway
from search.engines.postgresql import PostgresqlEngine
from search.engines.sqlite import SqliteEngine

__all__ = ["Engine", "EngineAway", "Matches", "Scope", "database_engine", "remote_engine"]


def database_engine() -> Engine:
    """Return the engine of the site's database."""
    return PostgresqlEngine() if connection.vendor == "postgresql" else SqliteEngine()


def remote_engine() -> Engine | None:
    """Return Elasticsearch where the site has one."""
    return ElasticsearchEngine() if settings.ELASTICSEARCH_URL else None
