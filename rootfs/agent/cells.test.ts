// What Python cells take, run by the host's Python: the code of the guest's sessions without its terminal and machine.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const agent = import.meta.dirname;
const folder = mkdtempSync(join(tmpdir(), "cells-"));

afterAll(() => rmSync(folder, { recursive: true }));

interface Result {
  readonly code: number;
  readonly out: string;
}

/** One session: what is shown is a line of its type and its bytes; output and errors are one stream, as on a terminal. */
const driver = `
import builtins, json, os, runpy, sys, tempfile
cells = runpy.run_path(os.path.join(${JSON.stringify(agent)}, "cells.py"))
cells["find_own_modules"]()
sys.meta_path.append(cells["LateFinder"])
from _conch import display, run
def send(content, media, name):
    print(f"<{media} {name} {content[:80].decode('latin-1')!r}>")
display.send = send
builtins.display = display.display
sys.breakpointhook = cells["breakpoint_in_cell"]
import types
main = types.ModuleType("__main__")
sessions = json.load(open(sys.argv[1]))
sys.modules["__main__"] = main
sys.path[0] = ""
sys.argv = [""]
place = tempfile.TemporaryFile()
kept = os.dup(1)
for sources in sessions:
    child = os.fork()
    if child != 0:
        os.waitpid(child, 0)
        continue
    runner = run.Runner(main)
    results = []
    for number, source in enumerate(sources, 1):
        place.seek(0); place.truncate()
        os.dup2(place.fileno(), 1); os.dup2(place.fileno(), 2)
        code = runner.execute(source, f"<cell {number}>")
        runner.flush()
        place.seek(0)
        results.append({"code": code, "out": place.read().decode()})
    os.write(kept, json.dumps(results).encode() + b"\\n")
    os._exit(0)
`;

/** What each cell of each session did. Every session is a process of its own, forked from one Python. */
function runSessions(sessions: readonly (readonly string[])[]): Result[][] {
  const list = join(folder, "sessions.json");
  writeFileSync(list, JSON.stringify(sessions));
  const { stdout, stderr } = spawnSync("python3", ["-S", "-c", driver, list], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
  });
  const results = stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Result[]);
  if (results.length !== sessions.length)
    throw new Error(`${results.length} of ${sessions.length}: ${stderr}`);
  return results;
}

function run(...sources: readonly string[]): Result[] {
  return runSessions([sources])[0] ?? [];
}

function one(source: string): Result {
  const [result] = run(source);
  if (result === undefined) throw new Error("no result");
  return result;
}

/** A test for each source, whose session is one of many that one Python starts. */
function each<Expected>(
  cases: readonly (readonly [source: string, expected: Expected])[],
  check: (result: Result, expected: Expected) => void,
): void {
  let results: Result[][] | undefined;
  for (const [index, [source, expected]] of cases.entries())
    it(source, () => {
      results ??= runSessions(cases.map(([text]) => [text]));
      check(results[index]?.[0] ?? { code: -1, out: "" }, expected);
    });
}

/** What the last of the cells prints, where all of them end well. */
function output(...sources: readonly string[]): string {
  const results = run(...sources);
  for (const { code, out } of results) if (code !== 0) throw new Error(out);
  return results.at(-1)?.out ?? "";
}

describe("the value of the last expression", () => {
  each(
    [
      ["1 + 1", "2\n"],
      ["1;", ""],
      ["1; # said", ""],
      ["'a;'", "'a;'\n"],
      ["None", ""],
      ["'text'", "'text'\n"],
      ["x = 1", ""],
      ["for i in range(2): i", ""],
      ["print('a'); 2", "a\n2\n"],
    ],
    (result, shown) => expect(result).toEqual({ code: 0, out: shown }),
  );

  it("is kept as _ and in Out", () => expect(output("6 * 7", "_ + Out[1]")).toBe("84\n"));

  it("is shown before it is in Out", () => expect(output("5", "Out")).toBe("{1: 5}\n"));

  it("is forgotten with all else that has run", () =>
    expect(
      output(
        "def f(): return 7\nf()",
        "get_ipython().session.forget()",
        "import sys\n[name for name in globals() if not name.startswith('__')], In[:-1], Out, hasattr(sys, 'last_value')",
      ),
    ).toBe("(['In', 'Out', 'sys'], [''], {}, False)\n"));

  it("is in lines where it is long", () =>
    expect(output("{i: 'x' * 20 for i in range(5)}").split("\n")).toHaveLength(6));
});

it("leaves the debugger where it is interrupted", () => {
  const interrupted = "import builtins\ndef ask(prompt): raise KeyboardInterrupt\nbuiltins.input = ask\n";
  const [stopped, failed, examined] = run(`${interrupted}breakpoint()\nprint('on')`, "1 / 0", "%debug");
  expect(stopped?.code).toBe(130);
  expect(stopped?.out).toMatch(/\n--KeyboardInterrupt--\n$/);
  expect(failed?.code).toBe(1);
  expect(examined?.code).toBe(130);
});

describe("[CELL-7] await outside of functions", () => {
  each(
    [
      ["import asyncio\nasync def f(): return 5\nawait f()", "5\n"],
      [
        "import asyncio\nasync def g():\n    yield 1\n    yield 2\nasync for x in g():\n    print(x)",
        "1\n2\n",
      ],
      [
        "import contextlib\n@contextlib.asynccontextmanager\nasync def c():\n    yield 3\nasync with c() as x:\n    print(x)",
        "3\n",
      ],
      ["import asyncio\nawait asyncio.gather(asyncio.sleep(0, 1), asyncio.sleep(0, 2))", "[1, 2]\n"],
      ["import asyncio\nasyncio.run(asyncio.sleep(0, 'ran'))", "'ran'\n"],
      ["import asyncio\n[await asyncio.sleep(0, i) for i in range(3)]", "[0, 1, 2]\n"],
      ["import asyncio\nx = [await asyncio.sleep(0, 1), {1: await asyncio.sleep(0, 2)}]\nx", "[1, {1: 2}]\n"],
      [
        "import asyncio\nif True:\n    for i in range(2):\n        print(f'{await asyncio.sleep(0, i)}')",
        "0\n1\n",
      ],
      [
        "import asyncio\n%time await asyncio.sleep(0, 3)",
        expect.stringMatching(/^CPU times.*\nWall time.*\n3\n$/),
      ],
      ["[x async for x in (lambda: (_ for _ in ()))()] if False else 1", "1\n"],
    ],
    (result, shown) => expect(result).toEqual({ code: 0, out: shown }),
  );

  it("leaves a loop to those who ask for it", () =>
    expect(
      output(
        "import asyncio\nasync def f(): return 5\nasyncio.run(f())",
        "asyncio.get_event_loop().run_until_complete(f())",
        "async def g():\n    return await asyncio.create_task(f())\nasyncio.get_event_loop().run_until_complete(g())",
      ),
    ).toBe("5\n"));

  it("is of one loop for the session", () =>
    expect(
      output(
        "import asyncio\nt = asyncio.create_task(asyncio.sleep(0, 'later'))",
        "asyncio.run(asyncio.sleep(0))",
        "await t",
      ),
    ).toBe("'later'\n"));

  it("fails as other code does", () => {
    const { code, out } = one("async def f():\n    raise ValueError('no')\nawait f()");
    expect(code).toBe(1);
    expect(out).toMatch(/^Traceback \(most recent call last\):\n {2}File "<cell 1>", line 3, in <module>/);
    expect(out).not.toMatch(/asyncio|notebook\/run/);
  });
});

describe("[CELL-8] commands of the shell", () => {
  each(
    [
      ["!echo hello", "hello\n"],
      ["!echo one; echo two", "one\ntwo\n"],
      ["x = !printf 'a\\nb\\n'\nprint(x, x.n)", "['a', 'b'] a\nb\n"],
      ["name = 'you'\n!echo $name {name.upper()} $HOME_NOT | cat", "you YOU\n"],
      ["!echo a b | awk '{print $2}'", "b\n"],
      ["if True:\n    !echo inside\nprint('after')", "inside\nafter\n"],
      ["!echo long \\\n  line\nprint(1)", "long line\n1\n"],
      ['!echo "it\'s (fine"\nprint(2)', "it's (fine\n2\n"],
      ["!!printf 'x\\ny'", "['x', 'y']\n"],
      ["s = '''\n!echo not\n%time not\n'''\n!echo yes\nprint(len(s))", "yes\n21\n"],
      ["def f():\n    x = !echo 3\n    return x[0]\nf()", "'3'\n"],
      ["x = [5,\n%timeit\n]", undefined],
    ],
    ({ out }, shown) => {
      if (shown === undefined) expect(out).toContain("SyntaxError");
      else expect(out).toBe(shown);
    },
  );

  it("have a status", () => expect(output("!exit 3", "_exit_code")).toBe("3\n"));

  it("print where the output goes", () =>
    expect(
      output(
        "import io, contextlib\nwith contextlib.redirect_stdout(io.StringIO()) as f:\n    !echo there",
        "f.getvalue()",
      ),
    ).toBe("'there\\n'\n"));
});

describe("[CELL-8] magics", () => {
  each(
    [
      ["%cd /tmp\n%pwd", /^\/tmp\n'\/tmp'\n$/],
      ["cd /", /^\/\n$/],
      ["pwd", /^'.*'\n$/],
      ["%env A=b", /^env: A=b\n$/],
      ["%env A=b\nimport os\nos.environ['A']", /'b'\n$/],
      ["%time 1 + 1", /^CPU times: .*\nWall time: .*\n2\n$/],
      ["%time print('{x}')", /^\{x\}\nCPU/],
      ["%%time\nx = 1\nx + 1", /^CPU times: .*\nWall time: .*\n2\n$/],
      ["%timeit -n 10 -r 2 sum(range(10))", /per loop \(mean ± std\. dev\. of 2 runs, 10 loops each\)\n$/],
      ["%%timeit -n 2 -r 2\nx = 1", /2 runs, 2 loops each/],
      ["a = 1\nb = ''\n%who", /^a\t b\n$/],
      ["a = 1\n%who str", /^Interactive namespace is empty\.\n$/],
      ["a = [1]\n%whos", /Variable {3}Type {3}Data\/Info\na {10}list {3}\[1\]\n$/],
      ["a = 1\n%reset -f\n%who", /empty/],
      ["%load_ext autoreload\n%autoreload 2", /^$/],
      ["%%bash\necho $((1 + 1))", /^2\n$/],
      ["%%sh\necho sh", /^sh\n$/],
      ["%%script awk -f\nBEGIN { print 7 }", /^7\n$/],
      ["%%capture out\nprint('held')\n5", /^$/],
      ["%%writefile note.txt\nsome {text}\n", /^(?:Writing|Overwriting) note\.txt\n$/],
      ["%%html\n<b>x</b>", /^<text\/html {2}'<b>x<\/b>'>\n$/],
      ["%%javascript\nalert(1)", /^<text\/html {2}'<script>\\nalert\(1\)\\n<\/script>'>\n$/],
      ["%%markdown\n# x", /^<text\/markdown {2}'# x'>\n$/],
      ["%lsmagic", /%%bash/],
      ["%precision 3", /^$/],
      ["d = %pwd\nprint(type(d).__name__)", /^str\n$/],
      ["\n\n  # said\n%%bash\necho no", undefined],
      ["  x = 1\n  print(x)", /^1\n$/],
      [">>> x = 2\n>>> print(x)", /^2\n$/],
      [
        "len?",
        /^Signature: +len\(obj, \/\)\nType: +builtin_function_or_method\nDocstring:\nReturn the number/,
      ],
      ["?len", /^Signature/],
      ["x = {'a': 1}\nx?", /^Type: +dict\nString form: {'a': 1}\n/],
      ["import os\nos.pat*?", /^os\.path\n/],
      ["%time?", /documentation/],
    ],
    ({ code, out }, shown) => {
      if (shown === undefined) return expect(out).toContain("SyntaxError");
      expect(out).toMatch(shown);
      return expect(code).toBe(0);
    },
  );

  each(
    [
      ["%nosuch x", "There is no magic %nosuch here.\n"],
      ["%%cython\nx", "There is no magic %%cython here.\n"],
      ["%bash x", "%bash is for a whole cell here: write %%bash in its first line.\n"],
      ["%cd /nosuch", "%cd: No such file or directory: /nosuch\n"],
      ["%%bash\nexit 3", "bash ended with exit code 3.\n"],
      ["%%nosuchprogram\nx", "There is no magic %%nosuchprogram here.\n"],
      ["%%script nosuchprogram\nx", "There is no program nosuchprogram on this machine.\n"],
      ["nosuch?", "Object `nosuch` not found.\n"],
      ["%run nosuch.py", "%run: No such file or directory: nosuch.py\n"],
      ["?", "Write the name of what you want to know about: name? or ?name.\n"],
      ["%load_ext", "%load_ext needs the name of an extension: %load_ext autoreload\n"],
      ["%env NOSUCH", "%env: there is no variable NOSUCH.\n"],
      ["%%writefile", "%%writefile needs the name of a file: %%writefile notes.txt\n"],
      ["%timeit -n x 1", "%timeit: -n, -r and -p take a whole number.\n"],
      ["%timeit if", "%timeit cannot time this: invalid syntax.\n"],
      [
        "import asyncio\n%timeit await asyncio.sleep(0)",
        "%timeit cannot time this: 'await' outside function.\n",
      ],
      ["%tb", "%tb: nothing has failed in this session.\n"],
      ["%lprun -f f f()", "There is no magic %lprun here.\n"],
    ],
    (result, said) => expect(result).toEqual({ code: 1, out: said }),
  );

  each(
    [
      [
        "%matplotlib inline\nx = 5\nx",
        "matplotlib is not on this machine: SVG and HTML can be shown with display().\n5\n",
      ],
      ["%load_ext nosuch\n6", "The extension nosuch is not on this machine.\n6\n"],
      ["%conda install numpy\n7", "conda is not on this machine. Python's standard library is.\n7\n"],
      ["%uv pip install numpy\n8", "uv is not on this machine. Python's standard library is.\n8\n"],
      ["%pip install numpy\n9", expect.stringMatching(/^pip is not on this machine\. .*\n9\n$/)],
      ["t = %timeit -o -q -n 1 -r 2 1\nlen(t.all_runs), t.loops, t.best <= t.average", "(2, 1, True)\n"],
      ["n = 'x y'\n!echo {n} '{n}' $n", "x y x y x y\n"],
      // Braces without a meaning are the shell's, and then all of them, as in IPython.
      ["n = 1\n!echo {n} {nosuch}", "{n} {nosuch}\n"],
      ["x = !ls /nosuch\nlen(x)", "1\n"],
      ["%env A={1 + 1}", "env: A=2\n"],
      ["%%bash --out res --no-raise-error\necho said\nexit 3", ""],
      ["%%prun\nx = sum(range(9))", expect.stringContaining("function calls")],
      ["def f():\n    return 1\nf??", expect.stringContaining("Source:\ndef f():\n    return 1\n")],
    ],
    (result, said) => expect(result).toEqual({ code: 0, out: said }),
  );

  it("put what a script prints into variables", () =>
    expect(output("%%bash --out said --err=wrong\necho a; echo b >&2", "said, wrong, _exit_code")).toBe(
      "('a\\n', 'b\\n', 0)\n",
    ));

  it("keep what a cell said", () =>
    expect(output("%%capture kept\nprint('a')\n!echo b", "print(kept.stdout, end='')")).toBe("a\nb\n"));

  it("run files in the session's names", () =>
    expect(
      output(
        "%%writefile script.py\nimport sys\nvalue = sys.argv[1]\nif __name__ == '__main__': print('main')",
        "%run script.py 5",
        "value",
      ),
    ).toBe("'5'\n"));

  it("load changed modules again", () =>
    expect(
      output(
        "%load_ext autoreload\n%autoreload 2\nopen('mod_again.py', 'w').write('x = 1')\nimport mod_again",
        "import os\nopen('mod_again.py', 'w').write('x = 2')\nos.utime('mod_again.py', (1, 1));",
        "mod_again.x",
      ),
    ).toBe("2\n"));

  it("can be the notebook's own", () =>
    expect(
      output(
        "from IPython.core.magic import register_line_magic\n@register_line_magic\ndef double(line):\n    return line * 2",
        "%double ab",
      ),
    ).toBe("'abab'\n"));
});

describe("[DISPLAY-3] what is shown", () => {
  each(
    [
      ["display(1, 'a')", "1\n'a'\n"],
      ["display(b'abc', 'image/png')", "<image/png  'abc'>\n"],
      ["display(b'abc', type='image/gif')", "<image/gif  'abc'>\n"],
      [
        "class A:\n    _repr_html_ = lambda s: 1/0\n    def __repr__(self): return 'A()'\nA()",
        "A._repr_html_ failed: ZeroDivisionError: division by zero\nA()\n",
      ],
      [
        "class A:\n    def _repr_mimebundle_(self, **k): raise KeyError('k')\n    def _repr_html_(self): return '<b>'\nA()",
        "A._repr_mimebundle_ failed: KeyError: 'k'\n<text/html  '<b>'>\n",
      ],
      ["class A:\n    def _repr_png_(self): return 'aGVsbG8='\nA()", "<image/png  'hello'>\n"],
      ["class A:\n    def _repr_png_(self): return b'raw'\nA()", "<image/png  'raw'>\n"],
      [
        "class A:\n    def _repr_svg_(self): return None\n    def __repr__(self): return 'plain'\nA()",
        "plain\n",
      ],
      ["class A:\n    def _repr_html_(self): return '<b>', {}\nA()", "<text/html  '<b>'>\n"],
      [
        "class A:\n    def _repr_mimebundle_(self, include=None, exclude=None): return {'image/png': 'aGk=', 'text/plain': 'x'}\nA()",
        "<image/png  'hi'>\n",
      ],
      ["class A:\n    def _ipython_display_(self): print('itself')\nA()", "itself\n"],
      [
        "class A:\n    def _ipython_display_(self): raise TypeError('t')\n    def __repr__(self): return 'A()'\nA()",
        "A._ipython_display_ failed: TypeError: t\nA()\n",
      ],
      [
        "class A:\n    def _repr_png_(self): raise OSError('no')\n    def __repr__(self): return 'A()'\nA()",
        "A._repr_png_ failed: OSError: no\nA()\n",
      ],
      ["class A:\n    def _repr_png_(self): return b''\n    def __repr__(self): return 'A()'\nA()", "A()\n"],
      ["class A:\n    def _repr_jpeg_(self): return 'aGk=\\n'\nA()", "<image/jpeg  'hi'>\n"],
      [
        "class A:\n    def _repr_mimebundle_(self, include, exclude): return {'text/plain': 'plain'}\nA()",
        "plain\n",
      ],
      ["display(1, 'b', [3])", "1\n'b'\n[3]\n"],
      ["h = display(1, display_id=True)\nh.update(2)", "1\n2\n"],
      ["from IPython.display import Image\nImage('data:image/png;base64,aGk=')", "<image/png  'hi'>\n"],
      ["from IPython.display import Image\nImage(url='data:image/gif;base64,aGk=')", "<image/gif  'hi'>\n"],
      [
        "from IPython.display import Image\nImage(url='data:image/svg+xml;utf8,%3Csvg/%3E')",
        "<image/svg+xml  '<svg/>'>\n",
      ],
      [
        "from IPython.display import Image\nImage(url='data:image/svg+xml;base64,PHN2Zy8+')",
        "<image/svg+xml  '<svg/>'>\n",
      ],
      [
        "from IPython.display import Image\nImage('no such.png')",
        "Image._repr_mimebundle_ failed: FileNotFoundError: No such file: no such.png\n<IPython.core.display.Image object>\n",
      ],
      ["from unittest.mock import MagicMock\nMagicMock(name='m') and 1", "1\n"],
      ["from IPython.display import HTML\nHTML('<i>')", "<text/html  '<i>'>\n"],
      [
        "from IPython.display import display, Markdown, SVG, JSON\ndisplay(Markdown('*x*'), SVG('<svg/>'), JSON({'a': 1}))",
        "<text/markdown  '*x*'>\n<image/svg+xml  '<svg/>'>\n<application/json  '{\"a\": 1}'>\n",
      ],
      ["from IPython.display import Image\nImage(b'\\x89PNG1')", "<image/png  '\\x89PNG1'>\n"],
      ["import IPython\nIPython.display.display({'text/html': '<u>'}, raw=True)", "<text/html  '<u>'>\n"],
      ["get_ipython().run_line_magic('pwd', '') and 1", "1\n"],
      ["display({'a': 1})", "{'a': 1}\n"],
    ],
    (result, shown) => expect(result).toEqual({ code: 0, out: shown }),
  );

  it("says what IPython is not here", () =>
    expect(one("import IPython.parallel").out).toContain("No module named 'IPython.parallel'"));
});

describe("how a cell ends", () => {
  each(
    [
      ["import sys\nsys.exit()", { code: 0, out: "" }],
      ["import sys\nsys.exit(3)", { code: 3, out: "" }],
      ["exit()", { code: 0, out: "" }],
      ["quit(4)", { code: 4, out: "" }],
      ["raise SystemExit('enough')", { code: 1, out: "enough\n" }],
      [
        "import os\nif os.fork() == 0:\n    print('child')\nelse:\n    os.wait()",
        { code: 0, out: "child\n" },
      ],
      ["import sys\nsys.stdout.buffer.write(b'raw\\n');", { code: 0, out: "raw\n" }],
      ["import sys\nsys.stdout.write('no end');", { code: 0, out: "no end" }],
    ],
    (result, expected) => expect(result).toEqual(expected),
  );

  it("the session lives on", () =>
    expect(output("x = 1", "try:\n    exit()\nexcept SystemExit:\n    pass", "x")).toBe("1\n"));

  it("a traceback has the cell's frames and those below it", () => {
    const [, { out, code } = { out: "", code: 0 }] = run(
      "def f():\n    try:\n        1 / 0\n    except ZeroDivisionError as e:\n        raise ValueError('second') from e",
      "%time f()",
    );
    expect(code).toBe(1);
    expect(out).toContain('File "<cell 1>", line 3, in f');
    expect(out).toContain('File "<cell 2>", line 1, in <module>');
    expect(out).toContain("ValueError: second");
    expect(out).not.toContain("notebook/");
  });

  it("a mistake in Python is told as such, where it stands", () => {
    expect(one("x = (").out).toMatch(/^ {2}File "<cell 1>", line 1\n {4}x = \(/);
    expect(one("print(1)\n!echo x\nif if").out).toMatch(/File "<cell 1>", line 3\n {4}if if/);
  });

  it("a warning names the cell", () =>
    expect(output("import warnings\nwarnings.warn('careful')")).toMatch(/^<cell 1>:2: UserWarning: careful/));
});

describe("[CELL-10] a thread", () => {
  const late = (name: string): string =>
    `${name} wrote after its cell had ended: print(get_ipython().late_output()) shows it.\n`;
  /** Starts a thread that waits for `go`, then prints, and is heard of by `said`. */
  const start =
    "import threading, sys\ngo, said = threading.Event(), threading.Event()\ndef work():\n    print('in time')\n    first.set()\n    go.wait()\n    print('late')\n    print('wrong', file=sys.stderr)\n    said.set()\nfirst = threading.Event()\nthread = threading.Thread(target=work, name='worker', daemon=True)\nthread.start()\nfirst.wait();";

  it("writes to the cell that started it while that cell runs", () =>
    expect(output(`${start}\ngo.set()\nthread.join()`)).toBe("in time\nlate\nwrong\n"));

  it("writes to no other cell, and what it wrote can be had", () => {
    const results = run(
      start,
      "go.set()\nsaid.wait()\nthread.join()\nprint('mine')",
      "print('next')",
      "print(get_ipython().late_output(), end='')",
      "'write' in vars(sys.stdout)",
    );
    expect(results.map(({ out }) => out)).toEqual([
      "in time\n",
      `mine\n${late("worker")}`,
      "next\n",
      "late\nwrong\n",
      "False\n",
    ]);
  });

  it("of the cell that runs writes there, beside a late one", () =>
    expect(
      run(
        start,
        "other = threading.Thread(target=print, args=('other',))\nother.start()\nother.join()\ngo.set()\nthread.join()",
      ).map(({ out }) => out),
    ).toEqual(["in time\n", `other\n${late("worker")}`]));

  it("that fails late says so where its output is", () => {
    const results = run(
      "import threading\ngo = threading.Event()\ndef work():\n    go.wait()\n    1 / 0\nthread = threading.Thread(target=work, name='w')\nthread.start()",
      "go.set()\nthread.join()",
      "print(get_ipython().late_output())",
    );
    expect(results[1]).toEqual({ code: 0, out: late("w") });
    expect(results[2]?.out).toContain("ZeroDivisionError");
  });

  it("of a pool writes to the cell that gives it work", () =>
    expect(
      run(
        "from concurrent.futures import ThreadPoolExecutor\nfrom multiprocessing.pool import ThreadPool\npool = ThreadPoolExecutor(1)\nother = ThreadPool(1)\npool.submit(print, 'one').result()\nother.map(print, ['a']);",
        "pool.submit(print, 'two').result()\nother.map(print, ['b']);",
      ).map(({ out }) => out),
    ).toEqual(["one\na\n", "two\nb\n"]));

  it("keeps the last of much", () =>
    expect(
      output(
        start.replace("print('late')", "[print(i) for i in range(20000)]"),
        "go.set()\nthread.join()",
        "text = get_ipython().late_output()\nlen(text) <= 65537, text[0], text[-12:]",
      ),
    ).toBe("(True, '…', '19999\\nwrong\\n')\n"));
});
