"""Grafana as code: data sources, a dashboard and alert rules for what a configuration watches.

The models of data sources, queries and alert rules are those that were seen to work on a running Grafana (9.4, with what is
documented of newer ones). Everything here is made from values, in one order, with ids that depend on names alone: the same
configuration gives the same files.
"""
