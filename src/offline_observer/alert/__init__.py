"""Alerts: what they are about, and when they hold. Who raises them is elsewhere."""
