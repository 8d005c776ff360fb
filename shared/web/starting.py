"""Whether an application can be served here at all, asked once and before any process is started for it.

Each process of the server would find out by itself, and end: the server then says what it was doing, not what is wrong.
"""

import os
import sys

from shared.refusals import sentence_for


def refuse_to_start_in_vain() -> None:
    """Go on only with settings that are right and a database that answers, with the tables of this version.

    It is asked in a process that ends: the server itself keeps nothing of it in memory.

    Raises:
        SystemExit: they are not; a French sentence on the standard error says why.
    """
    child = os.fork()
    if not child:
        os._exit(_refused())
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(1)


def _refused() -> bool:
    # Read by the process that ends, and not by the server.
    from shared.config import load_settings
    from shared.database import Database
    from shared.migrations.version import require_up_to_date

    try:
        require_up_to_date(Database(load_settings().require_secrets().database).engine)
    except Exception as error:
        # What is no refusal is for the server to meet: it says it with a traceback.
        sentence = sentence_for(error)
        if sentence is not None:
            sys.stderr.write(f"{sentence}\n")
            sys.stderr.flush()
        return sentence is not None
    return False
