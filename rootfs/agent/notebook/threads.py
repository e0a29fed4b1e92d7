"""What a thread writes after the cell that started it has ended: it is kept, and is no part of the cell that runs then."""

import sys
import weakref
from collections import deque

# Characters that are kept of what was written late, the last ones.
KEPT = 65536


class LateThreads:
    def __init__(self):
        # Threads that were there when a cell ended, and those of them that have been told of.
        self.threads = weakref.WeakSet()
        self.told = weakref.WeakSet()
        self.wrote = weakref.WeakSet()
        self.pieces = deque()
        self.length = 0
        self.dropped = False

    def cell_starts(self):
        self.tell()
        if not any(thread.is_alive() for thread in self.threads):
            self.threads.clear()
            for stream in own_streams():
                vars(stream).pop("write", None)

    def cell_ends(self):
        threading = sys.modules.get("threading")
        if threading is None:
            return
        self.threads.update(thread for thread in threading.enumerate() if goes_on(thread, threading))
        if self.threads:
            for stream in own_streams():
                if "write" not in vars(stream):
                    stream.write = self.writer(stream)
        self.tell()

    def writer(self, stream):
        """In place of the stream's own `write`, for which there is no need as long as no thread is late."""
        write, threading, get_ident = stream.write, sys.modules["threading"], sys.modules["threading"].get_ident

        def write_or_keep(text):
            # Not current_thread(), which makes a thread of whatever calls.
            thread = threading._active.get(get_ident())
            if thread is None or thread not in self.threads or not isinstance(text, str):
                return write(text)
            self.keep(thread, text)
            return len(text)

        return write_or_keep

    def keep(self, thread, text):
        self.wrote.add(thread)
        self.pieces.append(text[-KEPT:])
        self.length += len(self.pieces[-1])
        while self.length > KEPT and len(self.pieces) > 1:
            self.length -= len(self.pieces.popleft())
            self.dropped = True

    def tell(self):
        for thread in list(self.wrote - self.told):
            self.told.add(thread)
            print(
                f"{thread.name} wrote after its cell had ended: print(get_ipython().late_output()) shows it.",
                file=sys.stderr,
            )

    def output(self):
        return ("…" if self.dropped else "") + "".join(list(self.pieces))


def own_streams():
    """What a cell has put in their place is its own affair."""
    return [stream for stream in (sys.__stdout__, sys.__stderr__) if stream is not None]


def goes_on(thread, threading):
    """Not a pool's worker, which does the work of whichever cell gives it some."""
    if thread is threading.main_thread() or type(thread).__module__ == "multiprocessing.dummy":
        return False
    pools = sys.modules.get("concurrent.futures.thread")
    return pools is None or thread not in pools._threads_queues
