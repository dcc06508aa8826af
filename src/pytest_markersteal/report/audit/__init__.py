"""An audit for people: as tables (``tables``), and as a page (``page``)."""
