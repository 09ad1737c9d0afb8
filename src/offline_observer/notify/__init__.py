"""Alerts of the observer itself: evaluated over its journal, and brought to those who are to hear of them."""
