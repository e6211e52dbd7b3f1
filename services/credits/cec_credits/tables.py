"""The metadata of the service; each feature's store.py describes its own tables on it."""

from sqlalchemy import MetaData

metadata = MetaData()
