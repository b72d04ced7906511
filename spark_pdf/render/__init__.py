"""Rendering: a record and a template bundle in, a `Rendition` out. Pure; what is remembered lives as long as the worker."""
