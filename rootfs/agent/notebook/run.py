"""Runs the code of one cell in the names of its session: Python, what notebooks have besides it, and `await` outside of
functions. Shows the value of the last expression, and what went wrong without a frame of ours."""

import ast
import builtins
import linecache
import os
import sys

from _conch.display import show_richly, text_of
from _conch.shell import MagicError, Shell
from _conch.threads import LateThreads

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
AWAIT = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
COROUTINE = 0x80
# Code that needs a loop that runs, though it awaits nothing itself.
LOOP_WORDS = ("create_task", "ensure_future", "get_running_loop")
# Code that runs a loop itself, which it cannot inside of one.
OWN_LOOP_WORDS = ("asyncio.run(", "run_until_complete(", "run_forever(", "asyncio.Runner(")


class Runner:
    def __init__(self, module):
        self.module = module
        self.names = module.__dict__
        self.process = os.getpid()
        self.loop = None
        self.count = 0
        self.name = "<cell>"
        self.late = LateThreads()
        self.shell = Shell(self)
        self.names.update({"In": [""], "Out": {}})
        builtins.get_ipython = lambda: self.shell
        builtins.exit = builtins.quit = leave

    def execute(self, source, name):
        """The cell's exit code."""
        self.late.cell_starts()
        try:
            return self.execute_part(source, name)
        finally:
            self.late.cell_ends()

    def execute_part(self, source, name):
        """The same for code that a cell runs as a cell."""
        self.name = name
        # Tracebacks show lines of the cell.
        linecache.cache[name] = (len(source), None, source.splitlines(True), name)
        self.count += 1
        code = 1
        try:
            self.shell.events.trigger("pre_run_cell")
            self.keep(source)
            if "asyncio" in sys.modules:
                self.give_loop()
            value = self.evaluate(source, silent=ends_quietly(source))
            if value is not None:
                if not show_richly(value):
                    print(text_of(value))
                self.keep_value(value)
            self.shell.events.trigger("post_execute")
            code = 0
        except SystemExit as error:
            code = self.left(error)
        except MagicError as error:
            self.flush()
            print(error, file=sys.stderr)
        except KeyboardInterrupt as error:
            self.show(error)
            code = 130
        except BaseException as error:
            if type(error).__name__ == "BdbQuit":
                code = 130
            else:
                self.show(error)
        # A debugger that was left would stop in the next cell.
        sys.settrace(None)
        self.shell.events.trigger("post_run_cell")
        if os.getpid() != self.process:
            # A child that the cell has forked and that got here has no session to serve.
            self.flush()
            os._exit(code)
        return code

    def forget(self):
        """As if nothing had run: for a Python that has rehearsed before anybody has it."""
        if self.loop is not None:
            self.loop.close()
            self.loop = None
        for name in [name for name in self.names if not name.startswith("__")]:
            del self.names[name]
        self.names.pop("__", None)
        self.names.pop("___", None)
        self.names.update({"In": [""], "Out": {}})
        vars(builtins).pop("_", None)
        for name in ("last_type", "last_value", "last_traceback"):
            vars(sys).pop(name, None)
        linecache.clearcache()
        self.count = 0

    def keep(self, source):
        previous = self.names.get("In")
        if isinstance(previous, list):
            previous.append(source)

    def keep_value(self, value):
        names = self.names
        if isinstance(names.get("Out"), dict):
            names["Out"][self.count] = value
        names["___"], names["__"], names["_"] = names.get("__"), names.get("_"), value
        builtins._ = value

    def evaluate(self, source, silent=False):
        """Runs it, and gives the value of its last expression."""
        tree = self.parse(source)
        last = None
        if tree.body and isinstance(tree.body[-1], ast.Expr) and not silent:
            last = ast.Expression(tree.body.pop().value)
        self.perform(compile(tree, self.name, "exec", AWAIT), source)
        return None if last is None else self.perform(compile(last, self.name, "eval", AWAIT), source)

    def parse(self, source):
        flags = ast.PyCF_ONLY_AST | AWAIT
        from _conch import source as sources

        if sources.is_word(source, self.names):
            source = f"%{source.lstrip()}"
        try:
            return compile(source, self.name, "exec", flags)
        except SyntaxError as error:
            python = sources.to_python(source)
            if python == source:
                raise
            try:
                return compile(python, self.name, "exec", flags)
            except SyntaxError as other:
                # The mistake is in the Python around it, or there was none of ours.
                raise other from None

    def perform(self, code, source):
        if code.co_flags & COROUTINE:
            return self.run_async(eval(code, self.names))
        needs_loop = "asyncio" in source and any(word in source for word in LOOP_WORDS)
        if needs_loop and not any(word in source for word in OWN_LOOP_WORDS):

            async def inside():
                return eval(code, self.names)

            return self.run_async(inside())
        return eval(code, self.names)

    def run_async(self, coroutine):
        self.give_loop()
        # Not before it is needed: a cold Python starts sooner.
        import asyncio

        task = self.loop.create_task(coroutine)
        try:
            return self.loop.run_until_complete(task)
        except KeyboardInterrupt:
            task.cancel()
            try:
                self.loop.run_until_complete(task)
            except (asyncio.CancelledError, Exception):
                pass
            raise

    def give_loop(self):
        """The session's loop, for get_event_loop(): asyncio.run() leaves none."""
        import asyncio

        if self.loop is None or self.loop.is_closed():
            self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)

    def left(self, error):
        """What sys.exit() says; the session lives on."""
        if error.code is None or isinstance(error.code, int):
            return (error.code or 0) & 0xFF
        self.flush()
        print(error.code, file=sys.stderr)
        return 1

    def show(self, error):
        # Not before it is needed: a cold Python starts sooner.
        import traceback

        self.flush()
        sys.last_type, sys.last_value, sys.last_traceback = type(error), error, error.__traceback__
        told = traceback.TracebackException(type(error), error, error.__traceback__, compact=True)
        only_own_frames(told, set())
        for line in told.format():
            print(line, end="", file=sys.stderr)

    def has_module(self, name):
        import importlib.util

        return importlib.util.find_spec(name) is not None

    def flush(self):
        for stream in (sys.stdout, sys.stderr):
            if not stream.closed:
                stream.flush()


def only_own_frames(told, seen):
    """Without what comes before the cell, and without ours between."""
    if told is None or id(told) in seen:
        return
    seen.add(id(told))
    frames = list(told.stack)
    first = next((index for index, frame in enumerate(frames) if frame.filename.startswith("<cell ")), len(frames))
    told.stack[:] = [frame for frame in frames[first:] if not frame.filename.startswith(HERE + "/")]
    only_own_frames(told.__cause__, seen)
    only_own_frames(told.__context__, seen)
    for each in getattr(told, "exceptions", None) or ():
        only_own_frames(each, seen)


def ends_quietly(source):
    """Whether it ends with a semicolon, which says that the value is not to be shown."""
    last = source.rstrip().rpartition("\n")[2]
    if ";" not in last:
        return False
    if last.endswith(";"):
        return True
    import io
    import tokenize

    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        return False
    passed = (tokenize.COMMENT, tokenize.NEWLINE, tokenize.NL, tokenize.ENDMARKER, tokenize.DEDENT)
    said = [token for token in tokens if token.type not in passed]
    return bool(said) and said[-1].string == ";"


def leave(code=None):
    """Ends the cell, not the session. The ones of Python's would close its input."""
    raise SystemExit(code)
