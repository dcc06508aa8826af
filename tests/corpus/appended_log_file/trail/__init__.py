"""An audit trail: who did what."""
