"""Calls to Frame.io's services: one client, its headers, its limits."""
