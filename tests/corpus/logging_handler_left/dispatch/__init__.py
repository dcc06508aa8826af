"""Parcels, couriers and what is logged of them."""
