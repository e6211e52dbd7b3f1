from cec_chassis.database.migrations import run_migrations
from cec_review.schema import metadata

run_migrations(metadata)
