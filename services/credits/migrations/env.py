from cec_chassis.database.migrations import run_migrations
from cec_credits.schema import metadata

run_migrations(metadata)
