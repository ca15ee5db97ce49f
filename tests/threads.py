"""Acts of several people at the same moment."""

import threading

from django.db import connection


def at_once(*acts):
    """Each act in a thread of its own, all starting together; what they raised."""
    ready = threading.Barrier(len(acts))
    raised = []

    def run(act):
        try:
            ready.wait()
            act()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised
