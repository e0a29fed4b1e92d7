"""What a cell shows besides text: the richest form that a value has, through the machine (DISPLAY-1 to DISPLAY-3)."""

import builtins
import os
import sys

# What an object may say of itself, the richest first, and the type of it.
REPRESENTATIONS = (
    ("_repr_html_", "text/html"),
    ("_repr_svg_", "image/svg+xml"),
    ("_repr_png_", "image/png"),
    ("_repr_jpeg_", "image/jpeg"),
    ("_repr_markdown_", "text/markdown"),
    ("_repr_latex_", "text/latex"),
    ("_repr_json_", "application/json"),
)
TYPES = tuple(media for _, media in REPRESENTATIONS) + ("image/gif", "image/webp", "text/csv")
# Of a bundle, these come as text that stands for bytes.
BINARY = ("image/png", "image/jpeg", "image/gif", "image/webp")


def display(*values, type="-", raw=False, display_id=None, **ignored):
    """Shows each value: a file (by its path), bytes, or an object in its richest form; anything else as its text.
    `type` is the media type of bytes and files, found out where it is left out. `raw`: values are bundles.
    With a `display_id` it gives a handle, whose update() shows its value below."""
    # display(bytes, "image/png")
    if len(values) == 2 and isinstance(values[0], (bytes, bytearray)) and is_media_type(values[1]):
        values, type = values[:1], values[1]
    for value in values:
        if raw and isinstance(value, dict):
            if not show_bundle(value):
                print(value.get("text/plain", value))
        elif isinstance(value, (bytes, bytearray, memoryview)):
            send(bytes(value), type, "")
        elif isinstance(value, os.PathLike) or (isinstance(value, str) and os.path.isfile(value)):
            with open(value, "rb") as file:
                send(file.read(), type, os.path.basename(os.fspath(value)))
        elif not show_richly(value):
            print(text_of(value))
    if not display_id:
        return None
    # Not before it is needed: a cold Python starts sooner.
    from _conch.compat import DisplayHandle

    return DisplayHandle(display_id)


def is_media_type(value):
    return isinstance(value, str) and value.count("/") == 1 and " " not in value and not os.path.isfile(value)


def text_of(value):
    """As Jupyter shows it: a long list, dictionary or the like in lines."""
    text = repr(value)
    if len(text) > 79 and type(value) in (list, dict, tuple, set, frozenset):
        # Not before it is needed: a cold Python starts sooner.
        import pprint

        return pprint.pformat(value, width=79, sort_dicts=False)
    return text


def show_richly(value):
    """Whether the value had something to show. What it raises meanwhile is a line, and its text remains."""
    # A class has the methods, but not for itself.
    if isinstance(value, builtins.type):
        return False
    if call(value, "_ipython_display_") is not None:
        return True
    bundle = call(value, "_repr_mimebundle_", include=None, exclude=None)
    if show_bundle(first_of(bundle)):
        return True
    for method, media in REPRESENTATIONS:
        content = first_of(call(value, method))
        if content is not None and show_as(content, media):
            return True
    return show_figure(value) or show_plain(first_of(bundle))


def show_plain(bundle):
    """The text that a bundle gives, where nothing richer could be shown."""
    text = bundle.get("text/plain") if isinstance(bundle, dict) else None
    if isinstance(text, (list, tuple)):
        text = "".join(map(str, text))
    if not isinstance(text, str):
        return False
    print(text)
    return True


def call(value, method, **arguments):
    """The result of the method; True where it gives none; None where there is none, or it has failed."""
    # A mock has any method that is asked for.
    represent = getattr(type(value), method, None) or getattr(value, "__dict__", {}).get(method)
    if not callable(represent):
        return None
    try:
        result = getattr(value, method)(**arguments)
    except NotImplementedError:
        return None
    except Exception as error:
        print(f"{type(value).__name__}.{method} failed: {type(error).__name__}: {error}")
        return None
    return True if result is None and method == "_ipython_display_" else result


def first_of(result):
    """Without the metadata that may come along."""
    return result[0] if isinstance(result, tuple) and len(result) == 2 else result


def show_bundle(bundle):
    if not isinstance(bundle, dict):
        return False
    return any(show_as(bundle[media], media) for media in TYPES if bundle.get(media) is not None)


def show_as(content, media):
    """Whether that could be shown."""
    if isinstance(content, (list, tuple)) and all(isinstance(part, str) for part in content):
        content = "".join(content)
    if media == "application/json" and not isinstance(content, (str, bytes, bytearray)):
        import json

        content = json.dumps(content, default=str)
    if media in BINARY and isinstance(content, str):
        import base64

        try:
            content = base64.b64decode(content)
        except ValueError:
            return False
    if media == "text/latex":
        media = "text/markdown"
    if isinstance(content, str):
        content = content.encode("utf-8", "replace")
    if not isinstance(content, (bytes, bytearray)) or (media in BINARY and not content):
        return False
    send(bytes(content), media, "")
    return True


def show_figure(value):
    """A figure of matplotlib's says nothing of itself."""
    if type(value).__module__ != "matplotlib.figure" or not hasattr(value, "savefig"):
        return False
    import io

    content = io.BytesIO()
    value.savefig(content, format="png", bbox_inches="tight")
    send(content.getvalue(), "image/png", "")
    return True


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
