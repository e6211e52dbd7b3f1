"""The tables of this service, as far as its features have declared them; they must be imported before it is complete."""

from sqlalchemy import MetaData

metadata = MetaData()
