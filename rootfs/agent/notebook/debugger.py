"""Python's debugger in a cell: it does not step on into what runs the cells, and an interrupt leaves it."""

import bdb
import pdb


class Debugger(pdb.Pdb):
    def __init__(self):
        super().__init__(skip=["_conch", "_conch.*"])

    def _cmdloop(self):
        # Python's own takes an interrupt for an empty line: then a cell that waits here could not be ended.
        try:
            self.allow_kbdint = True
            self.cmdloop()
        except KeyboardInterrupt:
            self.message("--KeyboardInterrupt--")
            raise bdb.BdbQuit from None
        finally:
            self.allow_kbdint = False


def examine(traceback):
    """What `%debug` does."""
    debugger = Debugger()
    debugger.reset()
    debugger.interaction(None, traceback)
