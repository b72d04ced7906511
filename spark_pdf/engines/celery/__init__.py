"""The queue: Celery over RabbitMQ. One document a task; entries are committed in batches. ARCHITECTURE.md, "The queue".

In the order of a document's way: `client` submits, `tasks` and `rendering` make it on a worker, `compactor` commits its
entry, `letters` looks after those that no worker could finish, `callbacks` tells who asked. `topology` has the queues.
"""
