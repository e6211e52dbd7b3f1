"""What is personal: who looked, the bundle a person may ask for, how long things are kept, new keys for what is sealed."""
