"""Rendering: a record and a template bundle in, a `Rendition` out. Pure; caches live as long as the worker."""
