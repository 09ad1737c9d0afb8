"""Lag arithmetic and status (pure), and the measurement that feeds them."""
