"""What `name?` tells: what it is, how it is called, and what its documentation says."""

import builtins
import inspect


def tell(shell, name, source=False):
    from _conch import magics
    from _conch.shell import MagicError

    if not name:
        raise MagicError("Write the name of what you want to know about: name? or ?name.")
    if name.startswith("%"):
        found = magics.find("cell" if name.startswith("%%") else "line", name.lstrip("%"))
        if found is None:
            raise MagicError(f"There is no magic {name} here.")
        print(inspect.getdoc(found) or f"{name} has no documentation.")
        return
    if "*" in name:
        tell_matches(shell, name)
        return
    try:
        value = eval(name, shell.user_ns)
    except Exception:
        raise MagicError(f"Object `{name}` not found.") from None
    rows = []
    if callable(value):
        try:
            rows.append(("Signature", f"{name}{inspect.signature(value)}"))
        except (TypeError, ValueError):
            pass
    rows.append(("Type", type(value).__name__))
    if not callable(value) and not inspect.ismodule(value):
        rows.append(("String form", str(value)[:200]))
    try:
        rows.append(("File", inspect.getfile(value)))
    except (TypeError, OSError):
        pass
    for title, text in rows:
        print(f"{title + ':':<13}{text}")
    if source:
        try:
            print(f"Source:\n{inspect.getsource(value).rstrip()}")
            return
        except (TypeError, OSError):
            # What is written in C has none.
            pass
    documentation = inspect.getdoc(value)
    if documentation:
        print(f"Docstring:\n{documentation}")


def tell_matches(shell, pattern):
    import fnmatch

    head, dot, tail = pattern.rpartition(".")
    names = dir(eval(head, shell.user_ns)) if dot else {*shell.user_ns, *dir(builtins)}
    for found in sorted(fnmatch.filter(names, tail)):
        print(f"{head}{dot}{found}")
