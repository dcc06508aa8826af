"""What tests can ask about the place and the resources that they were given."""
