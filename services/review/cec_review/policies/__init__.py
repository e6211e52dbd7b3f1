"""What a review unit 審查單位 has settled for itself: how many days a roster stays open after its decision."""
