"""What the services say to one another: data only, no behaviour and no dependency but msgspec."""
