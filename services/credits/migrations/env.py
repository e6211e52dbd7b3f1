from cec_chassis.database.migrations import run_migrations
from cec_credits.service import metadata

run_migrations(metadata)
