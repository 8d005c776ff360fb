"""The queue: names of tasks in plain text, on SQLite or Redis. Whoever writes to it can ring a bell, nothing else."""

import hashlib
import json
import logging
import re
import time

from huey import Huey
from huey.registry import Message
from huey.serializer import Serializer
from huey.storage import RedisStorage, SqliteStorage
from redis import ConnectionPool

from shared.config import Settings
from shared.private_files import QUEUE_FILE, create_private

QUEUE_NAME = "teleservices"
REDIS_SECONDS = 3
POLLING_SECONDS = 1.0
"""Where the queue cannot wait by itself until somebody rings."""
MESSAGE_BYTES = 500
_NAME = re.compile(r"[A-Za-z0-9_.]{1,200}")
_ID = re.compile(r"[A-Za-z0-9-]{1,100}")

log = logging.getLogger(__name__)


class MessageRefused(ValueError):
    """What stands in the queue is not the name of a task."""


class PlainNames(Serializer):
    """Writes a task as its name and its number, in JSON.

    The serializer that huey brings along unpickles what it reads: a message could then run any code in the worker.
    Nothing here carries an argument, so that a name is enough.
    """

    def _serialize(self, data: object) -> bytes:
        if not isinstance(data, Message) or data.args or data.kwargs:
            raise MessageRefused("only tasks without arguments go into the queue")
        return json.dumps({"task": data.name, "id": data.id}).encode()

    def _deserialize(self, data: bytes) -> Message:
        if len(data) > MESSAGE_BYTES:
            raise MessageRefused("too long")
        try:
            said = json.loads(data)
        except ValueError:
            raise MessageRefused("not JSON") from None
        if not isinstance(said, dict) or said.keys() != {"task", "id"}:
            raise MessageRefused("not a task")
        return Message(id=_read(_ID, said["id"]), name=_read(_NAME, said["task"]), args=(), kwargs={})


class Queue(Huey):
    """A queue of which only names are read; what is no task of ours is passed over, with one line in the log."""

    def next_kind(self) -> str | None:
        """The name of the task rung for next; none when nobody rang for a moment, or when it was refused.

        Nothing is looked up, and nothing run: who reads knows a few names, and leaves the others.

        Raises:
            RedisError, sqlite3.Error, OSError: the queue is away.
        """
        data = self.storage.dequeue()
        if data is None:
            if not self.storage.blocking:
                time.sleep(POLLING_SECONDS)
            return None
        try:
            return str(self.serializer.deserialize(data).name).rpartition(".")[2]
        except MessageRefused as refused:
            log.warning("a message of the queue was refused and removed: %s", type(refused).__name__)
            return None


def open_queue(settings: Settings) -> Queue:
    """The queue of this installation: in Redis where there is one, else in a file of `VAR_DIR`."""
    # Two installations may share one Redis: each has a queue of its own.
    name = QUEUE_NAME + hashlib.sha256(settings.database.encode()).hexdigest()[:12]
    kept = {"results": False, "serializer": PlainNames()}
    if settings.redis_url:
        pool = ConnectionPool.from_url(
            settings.redis_url, socket_connect_timeout=REDIS_SECONDS, socket_timeout=REDIS_SECONDS
        )
        return Queue(name, storage_class=RedisStorage, connection_pool=pool, **kept)
    path = settings.var_dir / QUEUE_FILE
    create_private(path)
    return Queue(name, storage_class=SqliteStorage, filename=str(path), **kept)


def _read(pattern: re.Pattern[str], value: object) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise MessageRefused("not a name")
    return value
