"""``markersteal simulate``: modes compared, and questions answered, under a virtual clock."""
