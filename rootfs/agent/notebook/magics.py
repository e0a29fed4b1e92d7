"""The magics that ordinary notebooks hold. Each is a function of the shell and the rest of its line; those of a whole cell
take its body too. What cannot be done here is one sentence."""

import os
import sys

from _conch.display import display, send, text_of
from _conch.shell import MagicError, wait

# Commands that IPython has as magics.
COMMANDS = ("cat", "cp", "ls", "ll", "mkdir", "mv", "rm", "rmdir", "head", "tail", "less", "more", "man", "grep", "tree")
# Of these the line is code: braces and dollars in it are its own.
LITERAL = ("time", "timeit", "prun", "pinfo", "pinfo2")
# What sets up how things look elsewhere, and changes nothing here.
NOTHING = ("autosave", "automagic", "colors", "config", "gui", "logstart", "logstop", "precision", "xmode", "pprint")
LINE = {}
CELL = {}


def line_magic(function):
    LINE[function.__name__.strip("_")] = function
    return function


def cell_magic(function):
    CELL[function.__name__.strip("_").removesuffix("_cell")] = function
    return function


def find(kind, name):
    return (LINE if kind == "line" else CELL).get(name)


def run_line(shell, name, line):
    if name in LINE:
        return LINE[name](shell, line)
    if name in COMMANDS:
        return shell.system(f"{'ls -l' if name == 'll' else name} {line}".strip())
    if name in NOTHING:
        return None
    if name in CELL:
        raise MagicError(f"%{name} is for a whole cell here: write %%{name} in its first line.")
    raise MagicError(f"There is no magic %{name} here.")


def run_cell(shell, name, line, body):
    if name in CELL:
        return CELL[name](shell, line, body)
    if name in LINE:
        raise MagicError(f"%%{name} is for one line here: write %{name} before it.")
    raise MagicError(f"There is no magic %%{name} here.")


def note(sentence):
    """What cannot be done here, where the rest of the cell may well do without."""
    sys.stdout.flush()
    print(sentence, file=sys.stderr, flush=True)


# --- where one is ---


@line_magic
def cd(shell, line):
    before = os.getcwd()
    quiet = line.startswith("-q ")
    path = line.removeprefix("-q ").strip().strip("\"'")
    if path == "-":
        path = shell.user_ns.get("_cd_before", before)
    try:
        os.chdir(os.path.expanduser(path or "~"))
    except OSError as error:
        raise MagicError(f"%cd: {error.strerror}: {path}") from None
    shell.user_ns["_cd_before"] = before
    if not quiet:
        print(os.getcwd())


@line_magic
def pwd(shell, line):
    return os.getcwd()


@line_magic
def env(shell, line):
    if not line:
        return dict(os.environ)
    name, mark, value = line.partition("=" if "=" in line else " ")
    if not mark:
        if name not in os.environ:
            raise MagicError(f"%env: there is no variable {name}.")
        return os.environ[name]
    os.environ[name.strip()] = value.strip()
    print(f"env: {name.strip()}={value.strip()}")


@line_magic
def set_env(shell, line):
    return env(shell, line)


# --- names ---


def own_names(shell):
    hidden = ("In", "Out", "exit", "quit", "get_ipython", "open", "display")
    return sorted(name for name in shell.user_ns if not name.startswith("_") and name not in hidden)


def chosen_names(shell, line):
    types = line.split()
    return [name for name in own_names(shell) if not types or type(shell.user_ns[name]).__name__ in types]


@line_magic
def who(shell, line):
    names = chosen_names(shell, line)
    print("\t ".join(names) if names else "Interactive namespace is empty.")


@line_magic
def who_ls(shell, line):
    return chosen_names(shell, line)


@line_magic
def whos(shell, line):
    rows = [("Variable", "Type", "Data/Info")]
    for name in chosen_names(shell, line):
        value = shell.user_ns[name]
        rows.append((name, type(value).__name__, repr(value).replace("\n", " ")[:60]))
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for row in rows:
        print(f"{row[0]:<{widths[0]}}   {row[1]:<{widths[1]}}   {row[2]}")


@line_magic
def reset(shell, line):
    if "-f" not in line.split() and input("All variables are deleted. Proceed (y/[n])? ").lower() not in ("y", "yes"):
        return
    for name in own_names(shell):
        del shell.user_ns[name]


@line_magic
def reset_selective(shell, line):
    import re

    pattern = line.replace("-f", "").strip()
    for name in own_names(shell):
        if re.search(pattern, name):
            del shell.user_ns[name]


@line_magic
def pinfo(shell, line):
    """What `name?` asks for."""
    from _conch import about

    about.tell(shell, line)


@line_magic
def pinfo2(shell, line):
    """What `name??` asks for: the source too."""
    from _conch import about

    about.tell(shell, line, source=True)


@line_magic
def psource(shell, line):
    pinfo2(shell, line)


@line_magic
def pdoc(shell, line):
    pinfo(shell, line)


LINE["psearch"], LINE["pfile"] = pinfo, pinfo2


@line_magic
def lsmagic(shell, line):
    lines = sorted({*LINE, *COMMANDS, *NOTHING, *shell.registered["line"]})
    cells = sorted({*CELL, *shell.registered["cell"]})
    print("Of a line:", *(f"%{name}" for name in lines))
    print("Of a cell:", *(f"%%{name}" for name in cells))


@line_magic
def history(shell, line):
    for number, source in enumerate(shell.user_ns.get("In", [])):
        if source:
            print(source)


# --- time ---


def duration(seconds):
    for limit, unit, factor in ((1e-6, "ns", 1e9), (1e-3, "µs", 1e6), (1, "ms", 1e3)):
        if seconds < limit:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds:.3g} s" if seconds < 60 else f"{int(seconds // 60)}min {seconds % 60:.0f}s"


def timed(shell, source):
    import time

    before, start = os.times(), time.perf_counter()
    try:
        return shell.session.evaluate(source)
    finally:
        wall, after = time.perf_counter() - start, os.times()
        user, system = after.user - before.user, after.system - before.system
        shell.flush()
        print(f"CPU times: user {duration(user)}, sys: {duration(system)}, total: {duration(user + system)}")
        print(f"Wall time: {duration(wall)}")


@line_magic
def time(shell, line):
    return timed(shell, line)


@cell_magic
def time_cell(shell, line, body):
    return timed(shell, f"{line}\n{body}" if line else body)


@line_magic
def timeit(shell, line, body=None):
    import timeit as module

    try:
        options, source = options_of(line, {"n": int, "r": int, "p": int}, flags=("q", "o", "c", "t"))
    except ValueError:
        raise MagicError("%timeit: -n, -r and -p take a whole number.") from None
    setup = "pass" if body is None else source or "pass"
    statement = source if body is None else body
    try:
        timer = module.Timer(statement, setup, globals=shell.user_ns)
    except SyntaxError as error:
        raise MagicError(f"%timeit cannot time this: {error.msg}.") from None
    number = options.get("n") or timer.autorange()[0]
    repeat = options.get("r") or 7
    each = [total / number for total in timer.repeat(repeat, number)]
    mean = sum(each) / len(each)
    spread = (sum((one - mean) ** 2 for one in each) / len(each)) ** 0.5
    result = Timed(number, repeat, each, mean, spread)
    if "q" not in options:
        print(result)
    return result if "o" in options else None


class Timed:
    """What `%timeit -o` gives: times in seconds."""

    def __init__(self, loops, repeat, timings, average, stdev):
        self.loops, self.repeat, self.timings, self.average, self.stdev = loops, repeat, timings, average, stdev
        self.all_runs = [each * loops for each in timings]
        self.best, self.worst = min(timings), max(timings)

    def __str__(self):
        return (
            f"{duration(self.average)} ± {duration(self.stdev)} per loop"
            f" (mean ± std. dev. of {self.repeat} runs, {self.loops:,} loops each)"
        )

    def __repr__(self):
        return f"<TimeitResult : {self}>"


@cell_magic
def timeit_cell(shell, line, body):
    return timeit(shell, line, body)


@line_magic
def prun(shell, line):
    import cProfile

    cProfile.runctx(line, shell.user_ns, shell.user_ns, sort="cumulative")


@cell_magic
def prun_cell(shell, line, body):
    prun(shell, body)


def options_of(line, known, flags=()):
    """Options at the beginning of a line, and the rest of it."""
    found = {}
    rest = line.lstrip()
    while rest.startswith("-") and len(rest) > 1 and (rest[1] in known or rest[1] in flags):
        name, rest = rest[1], rest[2:].lstrip()
        if name in known:
            value, _, rest = rest.partition(" ")
            found[name] = known[name](value)
            rest = rest.lstrip()
        else:
            found[name] = True
    return found, rest


# --- files and programs ---


@line_magic
def run(shell, line):
    import shlex

    words = shlex.split(line)
    inside = "-i" in words
    words = [word for word in words if word not in ("-i", "-t", "-e")]
    if not words:
        raise MagicError("%run needs the name of a file: %run script.py")
    path = os.path.expanduser(words[0])
    path = path if os.path.exists(path) or path.endswith(".py") else f"{path}.py"
    if path.endswith((".ipynb", ".nb.md")):
        raise MagicError(f"%run takes Python files: open the notebook {path} and run it there.")
    try:
        with open(path, encoding="utf-8") as file:
            code = compile(file.read(), path, "exec")
    except OSError as error:
        raise MagicError(f"%run: {error.strerror}: {path}") from None
    names = shell.user_ns if inside else {"__name__": "__main__", "__file__": path, "__builtins__": __builtins__}
    before = sys.argv, sys.path[0]
    sys.argv, sys.path[0] = [path, *words[1:]], os.path.dirname(os.path.abspath(path))
    try:
        exec(code, names)
    except SystemExit as error:
        if error.code:
            print(f"{path} ended with {error.code}.", file=sys.stderr)
    finally:
        sys.argv, sys.path[0] = before
        shell.user_ns.update({name: value for name, value in names.items() if not name.startswith("__")})


@line_magic
def load(shell, line):
    raise MagicError(f"%load cannot put text into a cell here: open {line} and copy it.")


@line_magic
def pip(shell, line):
    if shell.session.has_module("pip"):
        return shell.system(f"{sys.executable} -m pip {line}")
    return note(
        "pip is not on this machine. What is pure Python can be put into the project's folder and imported from there."
    )


def installer(name):
    def say(shell, line):
        return note(f"{name} is not on this machine. Python's standard library is.")

    LINE[name] = say


for _installer in ("conda", "mamba", "micromamba", "uv"):
    installer(_installer)


@line_magic
def system(shell, line):
    return shell.getoutput(line)


@line_magic
def sx(shell, line):
    return shell.getoutput(line)


def script(shell, argv, body):
    """Runs a program that reads the body as its script. Options behind its name are ours, as IPython has them."""
    argv, names, raises = script_options(argv)
    shell.flush()
    place = os.memfd_create("cell")
    os.write(place, body.encode("utf-8", "surrogateescape"))
    path = f"/proc/{os.getpid()}/fd/{place}"
    redirected = sys.stdout is not sys.__stdout__
    try:
        if names:
            status = collect(shell, [*argv, path], names)
        elif redirected:
            text, status = shell.capture(" ".join([*argv, path]), sys.__stderr__.fileno())
            sys.stdout.write(text)
        else:
            status = wait(os.posix_spawnp(argv[0], [*argv, path], os.environ))
    except FileNotFoundError:
        raise MagicError(f"There is no program {argv[0]} on this machine.") from None
    finally:
        os.close(place)
    shell.user_ns["_exit_code"] = status
    if status != 0 and raises:
        raise MagicError(f"{argv[0]} ended with exit code {status}.")


def script_options(argv):
    """The command, the variables for its output and errors, and whether its failure is the cell's."""
    words, names, raises = [], {}, True
    rest = iter(argv)
    for word in rest:
        option, mark, value = word.partition("=")
        if option in ("--out", "--err"):
            names[option[2:]] = value if mark else next(rest, "")
        elif word == "--no-raise-error":
            raises = False
        elif word != "--raise-error":
            words.append(word)
    return words, names, raises


def collect(shell, argv, names):
    """Runs a program; what it prints becomes the value of variables, the other stream goes where it would."""
    import subprocess

    places = {"out": "stdout", "err": "stderr"}
    done = subprocess.run(argv, text=True, errors="replace", **{places[name]: subprocess.PIPE for name in names})
    for stream, name in names.items():
        shell.user_ns[name] = getattr(done, places[stream])
    return done.returncode if done.returncode >= 0 else 128 - done.returncode


def interpreter(name):
    def run_script(shell, line, body):
        script(shell, [name, *line.split()], body)

    CELL[name] = run_script


for _program in ("bash", "sh", "perl", "python3", "ruby", "node", "awk"):
    interpreter(_program)


@cell_magic
def python(shell, line, body):
    script(shell, ["python3"], body)


@cell_magic
def script_cell(shell, line, body):
    script(shell, line.split() or ["bash"], body)


@cell_magic
def system_cell(shell, line, body):
    return shell.getoutput(body)


CELL["sx"] = CELL["!"] = system_cell


@cell_magic
def writefile(shell, line, body):
    options, path = options_of(line, {}, flags=("a",))
    path = os.path.expanduser(path.strip().strip("\"'"))
    if not path:
        raise MagicError("%%writefile needs the name of a file: %%writefile notes.txt")
    adding = "a" in options
    print(f"{'Appending to' if adding else 'Overwriting' if os.path.exists(path) else 'Writing'} {path}")
    try:
        with open(path, "a" if adding else "w", encoding="utf-8") as file:
            file.write(body)
    except OSError as error:
        raise MagicError(f"%%writefile: {error.strerror}: {path}") from None


CELL["file"] = writefile


@cell_magic
def capture(shell, line, body):
    import contextlib
    import io

    words = line.split()
    target = next((word for word in words if not word.startswith("-")), None)
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        value = shell.session.evaluate(body)
        if value is not None:
            print(text_of(value))
    if target is not None:
        shell.user_ns[target] = Captured(out.getvalue(), err.getvalue())


class Captured:
    def __init__(self, stdout, stderr):
        self.stdout, self.stderr = stdout, stderr

    def __str__(self):
        return self.stdout

    def show(self):
        sys.stdout.write(self.stdout)
        sys.stderr.write(self.stderr)

    __call__ = show


# --- what is shown ---


@cell_magic
def html(shell, line, body):
    send(body.encode(), "text/html", "")


@cell_magic
def svg(shell, line, body):
    send(body.encode(), "image/svg+xml", "")


@cell_magic
def markdown(shell, line, body):
    send(body.encode(), "text/markdown", "")


@cell_magic
def javascript(shell, line, body):
    send(f"<script>\n{body}\n</script>".encode(), "text/html", "")


CELL.update({"HTML": html, "SVG": svg, "js": javascript, "latex": markdown, "Markdown": markdown})


@line_magic
def matplotlib(shell, line):
    if not shell.session.has_module("matplotlib"):
        return note("matplotlib is not on this machine: SVG and HTML can be shown with display().")
    os.environ["MPLBACKEND"] = "Agg"
    if "matplotlib" in sys.modules:
        sys.modules["matplotlib"].use("Agg")
    shell.events.register("post_execute", show_figures)


LINE["pylab"] = matplotlib


def show_figures():
    pyplot = sys.modules.get("matplotlib.pyplot")
    for number in pyplot.get_fignums() if pyplot is not None else ():
        display(pyplot.figure(number))
    if pyplot is not None:
        pyplot.close("all")


# --- extensions ---


@line_magic
def load_ext(shell, line):
    import importlib

    if not line:
        raise MagicError("%load_ext needs the name of an extension: %load_ext autoreload")
    if line in ("autoreload", "storemagic", "IPython.extensions.autoreload"):
        return
    try:
        module = importlib.import_module(line)
    except ImportError:
        return note(f"The extension {line} is not on this machine.")
    if not hasattr(module, "load_ipython_extension"):
        raise MagicError(f"The module {line} is no extension.")
    module.load_ipython_extension(shell)


LINE["reload_ext"] = load_ext


@line_magic
def unload_ext(shell, line):
    module = sys.modules.get(line)
    if hasattr(module, "unload_ipython_extension"):
        module.unload_ipython_extension(shell)


@line_magic
def autoreload(shell, line):
    from _conch import reload

    if line in ("0", "off"):
        reload.stop(shell)
    elif line in ("", "now"):
        reload.changed()
    else:
        reload.start(shell)


@line_magic
def store(shell, line):
    return note("%store keeps nothing here: write what is to last into a file of the project.")


@line_magic
def tb(shell, line):
    error = getattr(sys, "last_value", None)
    if error is None:
        raise MagicError("%tb: nothing has failed in this session.")
    shell.session.show(error)


@line_magic
def debug(shell, line):
    error = getattr(sys, "last_value", None)
    if error is None:
        raise MagicError("%debug: nothing has failed in this session.")
    from _conch import debugger

    debugger.examine(error.__traceback__)


@line_magic
def pdb(shell, line):
    if line in ("off", "0"):
        return None
    return note("%pdb is not here: write breakpoint() where the cell is to wait, or %debug after it has failed.")
