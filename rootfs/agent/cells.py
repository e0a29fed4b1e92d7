"""A session of Python cells, protocol in client/machine/session/SPEC.md (CELL-1 to CELL-6). Knows nothing of notebooks."""

import builtins
import os
import signal
import sys
import types


def decode(directory):
    """What has `%XX` for what is not plain; a file name need not be valid UTF-8."""
    first, *rest = directory.split("%")
    return os.fsdecode(first.encode() + b"".join(bytes([int(part[:2], 16)]) + part[2:].encode() for part in rest))


def find_own_modules():
    """Ours are `_conch.…`: no name of theirs is in the way of a module of the notebook's."""
    package = types.ModuleType("_conch")
    package.__path__ = [os.path.join(os.path.dirname(os.path.abspath(__file__)), "notebook")]
    sys.modules["_conch"] = package


class Session:
    def __init__(self, control):
        self.control = control
        self.task = self.nonce = ""
        from _conch.run import Runner

        self.module = types.ModuleType("__main__")
        sys.modules["__main__"] = self.module
        self.runner = Runner(self.module)

    def serve(self):
        for line in self.lines():
            verb, _, rest = line.partition(" ")
            if verb == "session":
                self.task, self.nonce, directory = rest.split(" ", 2)
                self.begin(decode(directory))
            elif verb == "cell":
                self.run(int(rest))

    def lines(self):
        # Opened for each read, so that no program that a cell starts inherits it.
        pending = b""
        while True:
            while b"\n" not in pending:
                pipe = os.open(self.control, os.O_RDONLY)
                data = os.read(pipe, 65536)
                os.close(pipe)
                if not data:
                    return
                pending += data
            line, _, pending = pending.partition(b"\n")
            yield line.decode()

    def begin(self, directory):
        try:
            os.chdir(directory)
        except OSError as error:
            print(error, file=sys.stderr)
        # A Python from a snapshot would draw the same numbers as every other.
        if "random" in sys.modules:
            sys.modules["random"].seed()

    def run(self, cell):
        code = 1
        try:
            with open(f"/task/{self.task}/cells/{cell}", encoding="utf-8", newline="") as file:
                source = file.read()
            self.report(cell, "start")
            # Python's own handler, so that no frame of ours is in the traceback.
            signal.signal(signal.SIGINT, signal.default_int_handler)
            code = self.runner.execute(source, f"<cell {cell}>")
            self.runner.flush()
        except KeyboardInterrupt:
            # It came as the cell ended.
            code = 130
        except OSError as error:
            # Its own source, or its standard output, which a cell may have closed.
            print(error, file=sys.__stderr__)
        signal.signal(signal.SIGINT, ignore)
        try:
            directory = os.getcwd()
        except OSError:
            directory = "/"
        for character in "%\n\x1b\x07":
            directory = directory.replace(character, f"%{ord(character):02X}")
        self.report(cell, f"{code};{directory}")

    def report(self, cell, text):
        # Not to standard output, which the cell may have sent elsewhere.
        terminal = os.open("/dev/tty", os.O_WRONLY)
        os.write(terminal, f"\x1b]6973;{self.nonce};{cell};{text}\x07".encode("utf-8", "surrogateescape"))
        os.close(terminal)


def ignore(number, frame):
    """Between cells an interrupt is for nobody. Unlike SIG_IGN, no program inherits this."""


def breakpoint_in_cell(*arguments, **more):
    from _conch.debugger import Debugger

    Debugger().set_trace(sys._getframe(1))


class LateFinder:
    """What notebooks import of IPython, where nobody else has it."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] != "IPython":
            return None
        from _conch.compat import Finder

        return Finder.find_spec(name)


if __name__ == "__main__":
    # To a debugger, this is none of the notebook's `__main__`.
    __name__ = "_conch"
    # Modules come from where the session is, not from where this file is.
    find_own_modules()
    sys.path[0] = ""
    sys.argv = [""]
    sys.meta_path.append(LateFinder)
    sys.breakpointhook = breakpoint_in_cell
    from _conch.display import display

    builtins.display = display
    session = Session(os.environ.pop("CONCH_CONTROL"))
    signal.signal(signal.SIGINT, ignore)
    session.serve()
