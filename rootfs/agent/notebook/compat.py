"""What notebooks import of IPython, where it is not installed: `display` and its classes, and get_ipython(). Nothing
else of it is here, and an import of anything else fails as it should."""

import importlib.machinery
import re
import sys
import types

from _conch import display as shown


class Rich:
    """Something that is shown in one form; from a string, bytes, a file or an address."""

    media = "text/plain"
    binary = False

    def __init__(self, data=None, url=None, filename=None, metadata=None, **ignored):
        if filename is None and isinstance(data, (str, bytes)) and len(data) < 4096 and self.names_file(data):
            filename, data = data, None
        if filename is not None:
            with open(filename, "rb") as file:
                data = file.read()
        self.data, self.url, self.filename, self.metadata = data, url, filename, metadata or {}
        self.options = ignored
        if not self.binary and isinstance(self.data, bytes):
            self.data = self.data.decode("utf-8", "replace")

    def names_file(self, data):
        import os

        return self.binary and b"\0" not in (data if isinstance(data, bytes) else data.encode()) and os.path.isfile(data)

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {self.media: self.data, "text/plain": repr(self)}

    def __repr__(self):
        return f"<IPython.core.display.{type(self).__name__} object>"


class HTML(Rich):
    media = "text/html"

    def _repr_html_(self):
        return self.data


class Markdown(Rich):
    media = "text/markdown"


class Latex(Rich):
    media = "text/markdown"


class Math(Latex):
    def __init__(self, data=None, **more):
        super().__init__(f"$${data.strip('$ ')}$$" if data is not None else None, **more)


class SVG(Rich):
    media = "image/svg+xml"

    def names_file(self, data):
        import os

        return not (data if isinstance(data, str) else data.decode()).lstrip().startswith("<") and os.path.isfile(data)


class JSON(Rich):
    media = "application/json"


class Pretty(Rich):
    def _repr_mimebundle_(self, include=None, exclude=None):
        return None

    def __repr__(self):
        return str(self.data)


class Code(Pretty):
    def __init__(self, data=None, url=None, filename=None, language=None):
        super().__init__(data, url, filename)


class Javascript(Rich):
    media = "text/html"

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {self.media: f"<script>\n{self.data}\n</script>"}


class Image(Rich):
    binary = True
    signatures = ((b"\x89PNG", "image/png"), (b"\xff\xd8", "image/jpeg"), (b"GIF8", "image/gif"), (b"RIFF", "image/webp"))

    def _repr_mimebundle_(self, include=None, exclude=None):
        from html import escape

        address = self.url if self.data is None else self.data
        if isinstance(address, str) and address.startswith("data:image/"):
            import base64
            import urllib.parse

            media, _, content = address.removeprefix("data:").partition(",")
            content = urllib.parse.unquote_to_bytes(content)
            return {media.partition(";")[0]: base64.b64decode(content) if media.endswith(";base64") else content}
        if self.data is None:
            where = escape(str(self.url), quote=True)
            return {"text/html": f'<a href="{where}" target="_blank">{where}</a>'}
        data = self.data
        if isinstance(data, str):
            if data.startswith(("http://", "https://")):
                return Image(url=data)._repr_mimebundle_()
            if data.lstrip().startswith("<"):
                return {"image/svg+xml": data}
            if not re.fullmatch(r"[A-Za-z0-9+/=\s]+", data):
                raise FileNotFoundError(f"No such file: {data}")
            return {f"image/{self.options.get('format') or 'png'}": data}
        media = next((media for start, media in self.signatures if data.startswith(start)), None)
        return {media or ("image/svg+xml" if data.lstrip().startswith(b"<") else "image/png"): data}


class IFrame(Rich):
    def __init__(self, src, width=None, height=None, **ignored):
        super().__init__(url=src)

    def _repr_mimebundle_(self, include=None, exclude=None):
        return Image(url=self.url)._repr_mimebundle_()


class FileLink(Rich):
    def __init__(self, path, **ignored):
        super().__init__()
        self.path = path

    def _repr_mimebundle_(self, include=None, exclude=None):
        return None

    def __repr__(self):
        return str(self.path)


class DisplayHandle:
    def __init__(self, display_id=None):
        self.display_id = display_id

    def display(self, value, **more):
        display(value, **more)

    def update(self, value, **more):
        """What was shown stays: a handle's next value comes below it."""
        display(value, **more)


def display(*values, display_id=None, clear=False, **more):
    if clear:
        clear_output()
    return shown.display(*values, display_id=display_id, **more)


def update_display(value, *, display_id=None, **more):
    display(value, **more)


def clear_output(wait=False):
    sys.stderr.flush()
    sys.stdout.write("\x1b[H\x1b[2J\x1b[3J")
    sys.stdout.flush()


class Magics:
    """What classes of magics inherit from."""

    def __init__(self, shell=None, **ignored):
        self.shell = shell


def marks_magic(*kinds):
    def mark(name):
        def decorate(function):
            function._magic_kinds = kinds
            function._magic_name = name if isinstance(name, str) else function.__name__
            return function

        return decorate if isinstance(name, str) else decorate(name)

    return mark


def registers(kind):
    def register(name):
        def decorate(function):
            get_ipython().register_magic_function(function, kind, name if isinstance(name, str) else None)
            return function

        return decorate if isinstance(name, str) else decorate(name)

    return register


def get_ipython():
    import builtins

    return builtins.get_ipython()


CLASSES = (HTML, Markdown, Latex, Math, SVG, JSON, Pretty, Code, Javascript, Image, IFrame, FileLink, DisplayHandle)
SHOWN = {thing.__name__: thing for thing in CLASSES} | {
    "display": display,
    "update_display": update_display,
    "clear_output": clear_output,
    "display_html": lambda *values, raw=False: display(*(HTML(value) if raw else value for value in values)),
    "display_markdown": lambda *values, raw=False: display(*(Markdown(value) if raw else value for value in values)),
    "DisplayObject": Rich,
}
MAGIC = {
    "Magics": Magics,
    "magics_class": lambda thing: thing,
    "line_magic": marks_magic("line"),
    "cell_magic": marks_magic("cell"),
    "line_cell_magic": marks_magic("line", "cell"),
    "register_line_magic": registers("line"),
    "register_cell_magic": registers("cell"),
    "register_line_cell_magic": registers("line_cell"),
}
MODULES = {
    "IPython": {"get_ipython": get_ipython, "display": None, "version_info": (8, 24, 0, ""), "__version__": "8.24.0"},
    "IPython.display": SHOWN,
    "IPython.core": {},
    "IPython.core.display": SHOWN,
    "IPython.core.magic": MAGIC,
    "IPython.core.getipython": {"get_ipython": get_ipython},
    "IPython.core.interactiveshell": {},
}


class Finder:
    """Comes after all others, so that an IPython that is installed is the one."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        return importlib.machinery.ModuleSpec(name, Finder, is_package=True) if name in MODULES else None

    @staticmethod
    def create_module(spec):
        return types.ModuleType(spec.name)

    @staticmethod
    def exec_module(module):
        module.__dict__.update({name: value for name, value in MODULES[module.__name__].items() if value is not None})
        if module.__name__ == "IPython":
            import IPython.display  # noqa: F401  as the real one does

            from _conch.shell import Shell

            sys.modules["IPython"].InteractiveShell = Shell
