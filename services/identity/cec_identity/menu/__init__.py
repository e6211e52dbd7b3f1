"""What somebody may do in all services: what a client draws its menu by."""
