"""What IPython's notebooks have besides Python, made Python: magics, commands of the shell, questions. Only a cell that is
not Python as it stands comes here, and its lines keep their numbers. Strings and continued lines are not touched: what
begins a line is found by the tokens, as IPython's inputtransformer2 does."""

import re
import tokenize
from io import StringIO

SHELL = "get_ipython()"
# What is a magic without its percent sign, where a cell is that line alone.
WORDS = "cat cd conda cp env head history less ll ls man mkdir more mv pip pwd rm rmdir tail time timeit who whos".split()


def to_python(source):
    """The same cell as Python; the very text where there is nothing to do."""
    lines = dedent(without_prompts(source)).splitlines(keepends=True)
    first = next((index for index, line in enumerate(lines) if line.strip()), None)
    if first is None:
        return source
    if lines[first].startswith("%%"):
        return cell_magic(lines, first)
    for _ in range(len(lines) + 1):
        changed = next_change(lines)
        if changed is None:
            break
        lines = changed
    return "".join(lines)


def is_word(source, names):
    """A cell like `ls -l`, which IPython takes for `%ls -l`."""
    line = source.strip()
    word, _, rest = line.partition(" ")
    if "\n" in line or word not in WORDS or word in names:
        return False
    return not rest.lstrip().startswith(("=", "(", ",", "+", "in ", "is ", "if ", "and ", "or "))


def cell_magic(lines, first):
    name, _, rest = lines[first][2:].strip().partition(" ")
    # A question about a magic.
    if name.endswith("?"):
        return f"{SHELL}.run_line_magic('pinfo', {'%%' + name.rstrip('?')!r})"
    body = "".join(lines[first + 1 :])
    return "\n" * first + f"{SHELL}.run_cell_magic({name!r}, {rest.strip()!r}, {body!r})"


def without_prompts(source):
    """Copied from an interactive session."""
    first = next((line for line in source.splitlines() if line.strip()), "")
    for prompt, more in ((r"^ *>>>( |$)", r"^ *\.\.\.( |$)"), (r"^ *In \[\d+\]: ?", r"^ *\.\.\.+: ?")):
        if re.match(prompt, first):
            return "".join(
                re.sub(prompt if re.match(prompt, line) else more, "", line) for line in source.splitlines(keepends=True)
            )
    return source


def dedent(source):
    """A cell whose first line is indented is indented as a whole."""
    indent = next((re.match(r"[ \t]*", line).group() for line in source.splitlines() if line.strip()), "")
    if not indent:
        return source
    lines = source.splitlines(keepends=True)
    return "".join(line[len(indent) :] if line.startswith(indent) else line for line in lines)


def next_change(lines):
    """The lines with their first magic, command or question made Python, or None."""
    for tokens in tokens_by_line(lines):
        start = next((token for token in tokens if token.type not in (tokenize.INDENT, tokenize.DEDENT)), None)
        if start is None:
            continue
        if start.string in ("%", "!", "?"):
            return replace(lines, start.start, escaped)
        target = assigned(tokens)
        if target is not None:
            return replace(lines, target.start, assigned_text)
        end = question(tokens)
        if end is not None:
            return replace(lines, start.start, asked, end.end[0])
    return None


def tokens_by_line(lines):
    """The tokens of each logical line."""
    found = [[]]
    depth = 0
    try:
        for token in tokenize.generate_tokens(StringIO("".join(lines)).readline):
            found[-1].append(token)
            if token.type == tokenize.NEWLINE or (token.type == tokenize.NL and depth == 0):
                found.append([])
            elif token.string in ("(", "[", "{"):
                depth += 1
            elif token.string in (")", "]", "}"):
                depth = max(0, depth - 1)
    except (tokenize.TokenError, SyntaxError):
        # An open string or bracket, or a command that is no Python: what comes first is known all the same.
        pass
    return found


def assigned(tokens):
    """The `!` or `%` of `name = !command`."""
    depth = 0
    for index, token in enumerate(tokens):
        if token.string in ("(", "[", "{"):
            depth += 1
        elif token.string in (")", "]", "}"):
            depth -= 1
        elif token.string == "=" and depth == 0:
            for after in tokens[index + 1 :]:
                if after.string in ("!", "%"):
                    return after
                if not after.string.isspace():
                    return None
    return None


def question(tokens):
    """The last `?` of `name?`."""
    said = [token for token in tokens if token.type not in (tokenize.NEWLINE, tokenize.NL, tokenize.ENDMARKER)]
    said = [token for token in said if token.string.strip()]
    return said[-1] if len(said) > 1 and said[-1].string == "?" else None


def replace(lines, start, change, last=None):
    """What stands from `start` to the end of its line, backslashes included, as `change` gives it."""
    row, column = start[0] - 1, start[1]
    end = last if last is not None else row + 1
    while end < len(lines) and last is None and lines[end - 1].endswith("\\\n"):
        end += 1
    text = "".join(lines[row:end])
    text = text[column:].replace("\\\n", " ").rstrip("\n")
    made = lines[row][:column] + change(text) + "\n"
    # The lines below keep their numbers.
    return lines[:row] + [made] + ["\n"] * (end - row - 1) + lines[end:]


def escaped(text):
    if text.startswith("!!"):
        return f"{SHELL}.getoutput({text[2:].strip()!r})"
    if text.startswith("!"):
        return f"{SHELL}.system({text[1:].strip()!r})"
    if text.startswith("?"):
        return asked(text)
    name, _, rest = text.lstrip("%").strip().partition(" ")
    if name.endswith("?"):
        return f"{SHELL}.run_line_magic('pinfo', {'%' + name.rstrip('?')!r})"
    return f"{SHELL}.run_line_magic({name!r}, {rest.strip()!r})"


def assigned_text(text):
    """In place of a value, a command is what it prints."""
    return f"{SHELL}.getoutput({text[1:].strip()!r})" if text.startswith("!") else escaped(text)


def asked(text):
    said = text.strip()
    name = "pinfo2" if said.startswith("??") or said.endswith("??") else "pinfo"
    return f"{SHELL}.run_line_magic({name!r}, {said.strip('?').strip()!r})"
