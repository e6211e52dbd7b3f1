"""What tests of several kinds share: servers, databases, waiting."""
