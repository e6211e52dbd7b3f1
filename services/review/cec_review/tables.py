"""The tables of this service, as far as its features have declared them; `schema.py` imports them all."""

from sqlalchemy import MetaData

metadata = MetaData()
