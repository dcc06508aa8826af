"""An engine that must not get too hot."""
