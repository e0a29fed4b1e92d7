"""%autoreload: before each cell, modules whose files have changed are loaded again."""

import importlib
import os
import sys

times = {}


def start(shell):
    remember()
    shell.events.register("pre_run_cell", changed)


def stop(shell):
    if changed in shell.events.callbacks["pre_run_cell"]:
        shell.events.unregister("pre_run_cell", changed)


def own_modules():
    """Those of the project: nobody changes Python's while it runs."""
    for name, module in list(sys.modules.items()):
        path = getattr(module, "__file__", None)
        if name != "__main__" and path and path.endswith(".py") and not path.startswith("/usr/"):
            yield module, path


def modified(path):
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return None


def remember():
    for _, path in own_modules():
        times.setdefault(path, modified(path))


def changed(*_):
    for module, path in own_modules():
        now = modified(path)
        if path in times and now is not None and now != times[path]:
            try:
                importlib.reload(module)
            except Exception as error:
                print(f"{module.__name__} could not be loaded again: {type(error).__name__}: {error}", file=sys.stderr)
        times[path] = now
