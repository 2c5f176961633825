"""Berths, boats and stays of one small harbour."""
