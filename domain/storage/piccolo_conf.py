"""What Piccolo's migration runner looks for; nothing else imports this module."""

from piccolo.conf.apps import AppRegistry
from piccolo.engine.postgres import PostgresEngine

APP_REGISTRY = AppRegistry(apps=["domain.storage.piccolo_app"])

# Migrations run as the owner of the schema, not as the application's role; `migrate` fills in where.
DB = PostgresEngine(config={})
