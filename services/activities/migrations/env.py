from cec_activities.schema import metadata
from cec_chassis.database.migrations import run_migrations

run_migrations(metadata)
