"""What notebooks find as get_ipython(): commands of the shell, magics by name, the names of the session."""

import os
import re
import sys


class MagicError(Exception):
    """What is wrong with a magic, as a sentence: there is nothing to trace."""


class Lines(list):
    """What a command printed, by its lines; in one piece as `n`, with blanks between as `s`."""

    @property
    def n(self):
        return "\n".join(self)

    @property
    def s(self):
        return " ".join(self)

    l = property(list)
    nlstr, spstr, get_nlstr, get_spstr = n, s, lambda self: self.n, lambda self: self.s


class Events:
    """Functions that are called before and after each cell."""

    def __init__(self):
        self.callbacks = {"pre_run_cell": [], "post_run_cell": [], "pre_execute": [], "post_execute": []}

    def register(self, event, function):
        if function not in self.callbacks.setdefault(event, []):
            self.callbacks[event].append(function)

    def unregister(self, event, function):
        self.callbacks.get(event, []).remove(function)

    def trigger(self, event):
        for function in list(self.callbacks[event]):
            try:
                function()
            except TypeError:
                # Some want to know the cell.
                function(None)


class Shell:
    def __init__(self, session):
        self.session = session
        self.user_ns = self.user_global_ns = session.module.__dict__
        self.events = Events()
        self.config = {}
        self.registered = {"line": {}, "cell": {}}

    # --- commands ---

    def system(self, command):
        """Runs it on the cell's terminal; its status is `_exit_code`."""
        self.flush()
        # Where the output was sent elsewhere, the command's goes there too.
        if sys.stdout is not sys.__stdout__:
            text, status = self.capture(command, sys.__stderr__.fileno())
            sys.stdout.write(text)
        else:
            status = wait(os.posix_spawn("/bin/bash", ["bash", "-c", self.expand(command)], os.environ))
        self.user_ns["_exit_code"] = status

    system_raw = system_piped = system

    def getoutput(self, command, split=True):
        text, status = self.capture(command, None)
        self.user_ns["_exit_code"] = status
        return Lines(text.splitlines()) if split else text

    def capture(self, command, errors):
        """What it prints, and its status. Errors go to the same place where no other is given."""
        reading, writing = os.pipe()
        places = [(os.POSIX_SPAWN_DUP2, writing, 1), (os.POSIX_SPAWN_DUP2, writing if errors is None else errors, 2)]
        argv = ["bash", "-c", self.expand(command)]
        child = os.posix_spawn("/bin/bash", argv, os.environ, file_actions=places)
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8", errors="replace") as pipe:
            try:
                text = pipe.read()
            finally:
                status = wait(child)
        return text, status

    def expand(self, command, depth=0):
        """{expression} and $name are the session's, where they have a meaning there."""
        names = self.user_ns

        def value(match):
            doubled, expression, name = match.groups()
            if doubled:
                return doubled[0]
            if expression is not None:
                return str(eval(expression, names))
            return str(names[name]) if name in names else match.group()

        try:
            return re.sub(r"(\$\$|\{\{|\}\})|\{([^{}\n]+)\}|\$([A-Za-z_]\w*)", value, command)
        except Exception:
            # Braces of the shell's own, as awk's.
            return command

    var_expand = expand

    # --- magics ---

    def run_line_magic(self, name, line, _stack_depth=1):
        own = self.registered["line"].get(name)
        if own is not None:
            return own(line)
        from _conch import magics

        return magics.run_line(self, name, self.expand(line) if name not in magics.LITERAL else line)

    def run_cell_magic(self, name, line, cell):
        own = self.registered["cell"].get(name)
        if own is not None:
            return own(line, cell)
        from _conch import magics

        return magics.run_cell(self, name, line, cell)

    def magic(self, text):
        name, _, rest = text.lstrip("%").partition(" ")
        return self.run_line_magic(name, rest)

    def find_magic(self, name, magic_kind="line"):
        from _conch import magics

        return self.registered[magic_kind].get(name) or magics.find(magic_kind, name)

    def register_magic_function(self, function, magic_kind="line", magic_name=None):
        kinds = ("line", "cell") if magic_kind == "line_cell" else (magic_kind,)
        for kind in kinds:
            self.registered[kind][magic_name or function.__name__] = function

    def register_magics(self, *objects):
        for thing in objects:
            thing = thing(self) if isinstance(thing, type) else thing
            for name in dir(type(thing)):
                for kind in getattr(getattr(type(thing), name), "_magic_kinds", ()):
                    self.register_magic_function(getattr(thing, name), kind, getattr(thing, name)._magic_name)

    # --- code ---

    def run_cell(self, source, **ignored):
        return self.session.execute_part(source, "<cell of a cell>")

    def late_output(self):
        """What threads have written after the cells that started them had ended: the last 65,536 characters."""
        return self.session.late.output()

    def ex(self, source):
        exec(source, self.user_ns)

    def ev(self, source):
        return eval(source, self.user_ns)

    def push(self, variables, interactive=True):
        self.user_ns.update(variables)

    def enable_gui(self, gui=None):
        """No window can open here."""

    def set_custom_exc(self, *ignored):
        """Tracebacks are the session's own."""

    def showtraceback(self, *ignored, **more):
        self.session.show(sys.exc_info()[1])

    def flush(self):
        for stream in (sys.stdout, sys.stderr):
            stream.flush()


def wait(child):
    """Its status, as a shell says it. An interrupt is for the child too, and it goes first."""
    interrupted = None
    while True:
        try:
            _, status = os.waitpid(child, 0)
            break
        except KeyboardInterrupt as error:
            interrupted = error
    if interrupted is not None:
        raise interrupted
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code
