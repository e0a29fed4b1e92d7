"""A session of Python cells, protocol in client/machine/task/SPEC.md (CELL-1 to CELL-6). Knows nothing of notebooks."""

import ast
import builtins
import linecache
import os
import signal
import sys
import types


def decode(directory):
    """What has `%XX` for what is not plain; a file name need not be valid UTF-8."""
    first, *rest = directory.split("%")
    return os.fsdecode(first.encode() + b"".join(bytes([int(part[:2], 16)]) + part[2:].encode() for part in rest))


# What an object may say of itself, the richest first, and the type of it.
REPRESENTATIONS = (
    ("_repr_html_", "text/html"),
    ("_repr_svg_", "image/svg+xml"),
    ("_repr_png_", "image/png"),
    ("_repr_jpeg_", "image/jpeg"),
    ("_repr_markdown_", "text/markdown"),
)


def display(value, type="-"):
    """Shows a file (by its path), bytes, or an object that has a rich representation; anything else as print() does.
    `type` is a media type, found out where it is left out."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        send(bytes(value), type, "")
    elif isinstance(value, os.PathLike) or (isinstance(value, str) and os.path.isfile(value)):
        with open(value, "rb") as file:
            send(file.read(), type, os.path.basename(os.fspath(value)))
    elif not show_richly(value):
        print(value)


def show_richly(value):
    """Whether the value had something to show."""
    # A class has the methods, but not for itself.
    if isinstance(value, builtins.type):
        return False
    for method, media in REPRESENTATIONS:
        represent = getattr(value, method, None)
        content = represent() if callable(represent) else None
        if isinstance(content, str):
            content = content.encode("utf-8", "replace")
        if isinstance(content, (bytes, bytearray)):
            send(bytes(content), media, "")
            builtins._ = value
            return True
    return False


def send(content, media, name):
    """Through the machine's door (DISPLAY-1): the mark that comes back belongs where the output is now."""
    door = os.open("/task/display", os.O_RDWR)
    try:
        plain = name.encode("utf-8", "replace").replace(b"\n", b" ")
        os.write(door, media.encode() + b" " + plain + b"\n")
        for at in range(0, len(content), 65536):
            os.write(door, content[at : at + 65536])
        mark = os.read(door, 65536)
    finally:
        os.close(door)
    sys.stdout.write(mark.decode())
    sys.stdout.flush()


class Session:
    def __init__(self, control):
        self.control = control
        self.task = self.nonce = ""
        self.module = types.ModuleType("__main__")
        sys.modules["__main__"] = self.module

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
            code = self.execute(source, f"<cell {cell}>")
            self.flush()
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

    def execute(self, source, name):
        # Tracebacks show lines of the cell.
        linecache.cache[name] = (len(source), None, source.splitlines(True), name)
        try:
            tree = ast.parse(source, name)
            last = None
            if tree.body and isinstance(tree.body[-1], ast.Expr) and not source.rstrip().endswith(";"):
                last = ast.Expression(tree.body.pop().value)
            names = self.module.__dict__
            exec(compile(tree, name, "exec"), names)
            if last is not None:
                value = eval(compile(last, name, "eval"), names)
                if not show_richly(value):
                    sys.displayhook(value)
            return 0
        except SystemExit:
            raise
        except KeyboardInterrupt as error:
            self.show(error)
            return 130
        except BaseException as error:
            self.show(error)
            return 1

    def show(self, error):
        # Not before it is needed: a cold Python starts sooner.
        import traceback

        # The first frames are ours, or the compiler's.
        trace = error.__traceback__
        while trace is not None and not trace.tb_frame.f_code.co_filename.startswith("<cell "):
            trace = trace.tb_next
        self.flush()
        traceback.print_exception(type(error), error, trace)
        # What the exception holds is the cell's to free.
        error.__traceback__ = None

    def flush(self):
        for stream in (sys.stdout, sys.stderr):
            if not stream.closed:
                stream.flush()

    def report(self, cell, text):
        # Not to standard output, which the cell may have sent elsewhere.
        terminal = os.open("/dev/tty", os.O_WRONLY)
        os.write(terminal, f"\x1b]6973;{self.nonce};{cell};{text}\x07".encode("utf-8", "surrogateescape"))
        os.close(terminal)


def ignore(number, frame):
    """Between cells an interrupt is for nobody. Unlike SIG_IGN, no program inherits this."""


if __name__ == "__main__":
    # Modules come from where the session is, not from where this file is.
    sys.path[0] = ""
    sys.argv = [""]
    builtins.display = display
    session = Session(os.environ.pop("CONCH_CONTROL"))
    signal.signal(signal.SIGINT, ignore)
    session.serve()
