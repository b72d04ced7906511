"""The HTTP door: requests in, tasks of the queue and what became of them out. See `serve.app` and docs/queue.md."""
