"""The bridge to pytest-xdist and execnet; nothing else in the package imports them."""
