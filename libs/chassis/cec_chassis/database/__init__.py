"""PostgreSQL: engine, transaction, schema of the tables every service has, migrations."""

from cec_chassis.database.engine import Database
from cec_chassis.database.transaction import Transaction

__all__ = ["Database", "Transaction"]
