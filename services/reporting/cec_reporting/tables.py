"""The metadata on which every feature's store describes its tables."""

from sqlalchemy import MetaData

metadata = MetaData()
