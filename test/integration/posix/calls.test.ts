// System calls on /project in the real guest, and every row of "Where it departs from POSIX"
// (client/machine/fs/syncfs/SPEC.md section 5).

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { decodeUtf8Lossy } from "#core/base/bytes.ts";
import { until } from "#test/harness/until.ts";
import { PosixGuest, startLimit, storyLimit } from "./posix-guest.ts";

vi.setConfig({ testTimeout: storyLimit });

let guest: PosixGuest;
beforeAll(async () => {
  guest = await PosixGuest.start();
  // What the stories share: a call that must fail with an error, and work in a child process.
  await guest.python(
    ".",
    String.raw`
import errno, fcntl, mmap, os, shutil, stat, struct, time
def fails(code, work, *args):
    try: work(*args)
    except OSError as e: got = errno.errorcode[e.errno]
    else: got = "success"
    assert got == code, (got, code, args)
def child(work):
    r, w = os.pipe(); pid = os.fork()
    if pid == 0:
        try: out = work()
        except OSError as e: out = errno.errorcode[e.errno]
        os.write(w, str(out).encode()); os._exit(0)
    os.close(w); out = os.read(r, 1000).decode(); os.waitpid(pid, 0); os.close(r); return out
def put(name, content):
    with open(name, "w") as f: f.write(content)
def get(name):
    with open(name) as f: return f.read()`,
  );
}, startLimit);
afterAll(async () => {
  await guest.stop();
  expect(guest.complaints).toEqual([]);
});

describe("open files", () => {
  it("go on working when their name is gone", async () => {
    expect(
      await guest.python(
        "unlinked",
        String.raw`
put("f", "hello")
f = open("f", "r+"); os.unlink("f"); f.seek(5); f.write(" world"); f.flush(); f.seek(0)
print(f.read(), os.fstat(f.fileno()).st_nlink, os.path.exists("f"), os.listdir(".")); f.close()`,
      ),
    ).toBe("hello world 0 False []\n");
  });

  it("with O_EXCL a name is made once; a descriptor does what it was opened for", async () => {
    await guest.python(
      "excl",
      String.raw`
fd = os.open("x", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
fails("EEXIST", os.open, "x", os.O_CREAT | os.O_EXCL | os.O_WRONLY)
fails("EBADF", os.read, fd, 1); os.close(fd)
fd = os.open("x", os.O_RDONLY); fails("EBADF", os.write, fd, b"x"); os.close(fd)
assert stat.S_IMODE(os.stat("x").st_mode) == 0o600`,
    );
  });

  it("can be truncated, written beyond their end, and written far away", async () => {
    await guest.python(
      "sparse",
      String.raw`
with open("s", "wb") as f: f.seek(1000000); f.write(b"end")
with open("s", "rb") as f:
    data = f.read(); assert len(data) == 1000003 and data.count(0) == 1000000 and data.endswith(b"end")
os.truncate("s", 5); assert open("s", "rb").read() == bytes(5)
os.truncate("s", 8); assert open("s", "rb").read() == bytes(8)
with open("s", "r+b") as f: os.pwrite(f.fileno(), b"mid", 4); assert os.pread(f.fileno(), 9, 0) == b"\0\0\0\0mid\0"
os.truncate("s", 0); assert os.path.getsize("s") == 0
with open("s", "w") as f: f.write("shrinking"); f.flush(); f.truncate(6)
assert get("s") == "shrink"
fails("EINVAL", os.truncate, "s", -1)
fails("EISDIR", open, ".", "w")`,
    );
    expect(guest.text("sparse/s").toJSON()).toBe("shrink");
  });

  it("may be empty: made in every way, copied, packed, in git, and filled by a colleague", async () => {
    expect(
      await guest.ok(
        "empty",
        String.raw`
: > a; touch b; truncate -s 0 c; python3 -c 'open("d", "wb").close()'; cp a e; dd if=/dev/null of=f 2>&1 | head -0
echo was > g; : > g
find . -type f -empty | sort | tr '\n' ' '; cat a b c d e f g | wc -c
tar -c a g | tar -x -C "$(mktemp -d)" --to-command='wc -c'
git init -q; git add .; git commit -qm empty; git status --short; git ls-files -s | awk '{ print $2 }' | sort -u`,
      ),
    ).toBe("./a ./b ./c ./d ./e ./f ./g 0\n0\n0\ne69de29bb2d1d6434b8b29ae775ad8c2e48c5391\n");
    for (const name of ["a", "d", "g"]) expect(guest.text(`empty/${name}`).toJSON()).toBe("");
    guest.text("empty/d").insert(0, "filled\n");
    expect(await guest.ok("empty", "cat d; : > d; wc -c < d")).toBe("filled\n0\n");
  });

  it("append from several processes without losing a line", async () => {
    await guest.ok(
      "append",
      "for w in a b c; do (for i in $(seq 100); do echo $w$i; done >> log) & done; wait; [ $(wc -l < log) = 300 ]",
    );
    const lines = guest.text("append/log").toJSON().split("\n");
    for (const writer of ["a", "b", "c"])
      expect(lines.filter((line) => line.startsWith(writer))).toEqual(
        Array.from({ length: 100 }, (_, index) => `${writer}${index + 1}`),
      );
  });

  it("can be mapped, shared and private", async () => {
    await guest.python(
      "mapped",
      String.raw`
with open("data", "wb") as f: f.write(bytes(range(256)) * 400)
with open("data", "r+b") as f:
    with mmap.mmap(f.fileno(), 0) as m:
        assert len(m) == 102400 and m[1000] == 1000 % 256
        m[50000:50005] = b"hello"; m.flush()
    f.seek(50000); assert f.read(5) == b"hello"
fd = os.open("data", os.O_RDWR); m = mmap.mmap(fd, 8192); m[0:4] = b"late"; m.close(); os.close(fd)
assert open("data", "rb").read(4) == b"late"
fd = os.open("data", os.O_RDONLY); m = mmap.mmap(fd, 4096, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE)
m[0:4] = b"mine"; m.close(); os.close(fd); assert open("data", "rb").read(4) == b"late"
fd = os.open("data", os.O_RDWR); m = mmap.mmap(fd, 4096)
if os.fork() == 0: m[10:13] = b"kid"; os._exit(0)
os.wait(); assert m[10:13] == b"kid"; m.close(); os.close(fd)`,
    );
    // The kernel writes a mapping's pages back through a descriptor that it keeps: they are committed after a pause.
    await vi.waitFor(
      async () => expect(decodeUtf8Lossy((await guest.read("mapped/data")).subarray(10, 13))).toBe("kid"),
      { timeout: 10_000 },
    );
    const data = await guest.read("mapped/data");
    expect(decodeUtf8Lossy(data.subarray(0, 4))).toBe("late");
    expect(decodeUtf8Lossy(data.subarray(50_000, 50_005))).toBe("hello");
  });

  it("flock(2) and fcntl(2) locks hold between the processes of a guest", async () => {
    expect(
      await guest.python(
        "locks",
        String.raw`
put("lock", "x" * 100)
f = open("lock", "r+"); nb = fcntl.LOCK_EX | fcntl.LOCK_NB
fcntl.flock(f, fcntl.LOCK_EX); print("flock", child(lambda: fcntl.flock(open("lock"), nb)))
fcntl.flock(f, fcntl.LOCK_SH); print("shared", child(lambda: fcntl.flock(open("lock"), fcntl.LOCK_SH | fcntl.LOCK_NB)))
fcntl.flock(f, fcntl.LOCK_UN); print("unlocked", child(lambda: fcntl.flock(open("lock"), nb)))
fcntl.lockf(f, fcntl.LOCK_EX, 10, 0)
print("range", child(lambda: fcntl.lockf(open("lock", "r+"), nb, 10, 5)))
print("other range", child(lambda: fcntl.lockf(open("lock", "r+"), nb, 10, 10)))
r, w = os.pipe()
if os.fork() == 0:
    g = open("lock", "r+"); os.write(w, b"1"); fcntl.lockf(g, fcntl.LOCK_EX, 10, 0); os.write(w, b"2"); os._exit(0)
os.read(r, 1); time.sleep(0.1); fcntl.lockf(f, fcntl.LOCK_UN, 10, 0); print("waited", os.read(r, 1)); os.wait(); f.close()
print("free after exit", child(lambda: fcntl.lockf(open("lock", "r+"), nb)))`,
      ),
    ).toBe(
      "flock EAGAIN\nshared None\nunlocked None\nrange EAGAIN\nother range None\nwaited b'2'\nfree after exit None\n",
    );
  });
});

describe("names", () => {
  it("with spaces, newlines, every script, 255 bytes", async () => {
    await guest.python(
      "names",
      String.raw`
odd = ["with space", "a\nb", "größe", "日本", "👩‍🔬", "-dash", "a'b\"c$d\x60e", "*", "x" * 255, "é" * 127 + "x", ".hidden", "back\\slash", "\x01"]
for n in odd:
    put(n, n); assert get(n) == n
assert sorted(os.listdir(".")) == sorted(odd)
for n in odd: os.rename(n, n[:-1] + "Z"); os.unlink(n[:-1] + "Z")
assert os.listdir(".") == []
put("a\nb", ""); put("größe", "")`,
    );
    expect(guest.names("names")).toEqual(["a\nb", "größe"]);
  });

  it("are found however a colleague's keyboard composes them", async () => {
    const composed = "gr\u00F6\u00DFe";
    const decomposed = "gro\u0308\u00DFe";
    await guest.python("forms", `put("${composed}", "1"); put("${decomposed}", "2")`);
    expect(guest.names("forms").toSorted()).toEqual([composed, decomposed].toSorted());
  });

  it("links: relative, absolute, dangling, in circles", async () => {
    await guest.python(
      "links",
      String.raw`
put("a", "text"); os.symlink("a", "s"); os.symlink("s", "t"); os.symlink("/project/links/a", "abs")
assert get("t") == get("abs") == "text" and os.readlink("t") == "s" and os.lstat("s").st_size == 1
os.symlink("loop", "loop"); fails("ELOOP", open, "loop")
os.symlink("nowhere", "d"); fails("ENOENT", open, "d"); put("d", "through"); assert get("nowhere") == "through"
os.symlink("x" * 4000, "long"); assert len(os.readlink("long")) == 4000
fails("EEXIST", os.symlink, "a", "s"); fails("EINVAL", os.readlink, "a")
os.symlink("größe\n", "odd"); assert os.readlink("odd") == "größe\n"
os.unlink("s"); assert get("a") == "text"`,
    );
    expect(guest.project.target(guest.entry("links/t").id)).toBe("s");
  });

  it("directories refuse what would lose something", async () => {
    await guest.python(
      "dirs",
      String.raw`
put("a", "1"); os.mkdir("d"); put("d/x", ""); os.mkdir("e")
fails("EEXIST", os.mkdir, "a"); fails("ENOTDIR", os.rmdir, "a"); fails("EISDIR", os.unlink, "d")
fails("ENOTEMPTY", os.rmdir, "d"); fails("ENOTDIR", open, "a/b"); fails("EINVAL", os.rename, "d", "d/e")
fails("ENOTEMPTY", os.rename, "e", "d"); fails("ENOTDIR", os.rename, "e", "a"); fails("EISDIR", os.rename, "a", "e")
os.rename("d", "e"); assert os.listdir("e") == ["x"] and not os.path.exists("d")
fails("ENOENT", os.rmdir, "gone"); os.chdir("e"); os.unlink("x"); os.rmdir("../e"); fails("ENOENT", open, "new", "w"); os.chdir("..")`,
    );
  });

  it("30 levels deep", async () => {
    await guest.python(
      "deep",
      String.raw`
p = "."
for i in range(30): p += f"/level{i}"; os.mkdir(p)
put(p + "/leaf", "deep"); assert sum(1 for _ in os.walk(".")) == 31
os.rename("level0", "moved"); assert get(p.replace("level0", "moved") + "/leaf") == "deep"
shutil.copytree("moved", "copy"); shutil.rmtree("moved"); assert os.listdir(".") == ["copy"]`,
    );
    expect(guest.project.children(guest.entry("deep").id).length).toBe(1);
  });

  it("a directory that is emptied while it is read loses and repeats nothing", async () => {
    await guest.python(
      "emptied",
      String.raw`
for i in range(600): put(f"n{i}", "")
seen = []
with os.scandir(".") as found:
    for each in found: seen.append(each.name); os.unlink(each.name); i = len(seen); put("new", str(i)) if i == 300 else None
assert sorted(n for n in seen if n != "new") == sorted(f"n{i}" for i in range(600)), len(seen)
assert os.listdir(".") in ([], ["new"])`,
    );
  });
});

describe("attributes", () => {
  it("times that a program sets stay", async () => {
    await guest.python(
      "times",
      String.raw`
put("f", "x")
for t in (1000000000, 0, 2000000000, 1): os.utime("f", (t + 5, t)); s = os.stat("f"); assert (s.st_atime, s.st_mtime) == (t + 5, t), (s, t)
put("g", "x"); fd = os.open("g", os.O_RDWR); os.write(fd, b"dirty"); os.utime("g", (7, 7)); os.close(fd); assert os.stat("g").st_mtime == 7
os.utime("f", ns=(-86400 * 10**9, -1000)); s = os.stat("f"); assert (s.st_atime_ns, s.st_mtime_ns) == (-86400 * 10**9, -1000), s
os.mkdir("d"); os.utime("d", (9, 9)); assert os.stat("d").st_mtime == 9; put("d/x", ""); assert os.stat("d").st_mtime > 9
before = os.stat("f").st_mtime; put("f", "y"); assert os.stat("f").st_mtime > before`,
    );
  });

  it("modes and owners", async () => {
    await guest.python(
      "modes",
      String.raw`
put("f", "x")
for mode in (0, 0o444, 0o755, 0o4755, 0o1777): os.chmod("f", mode); assert stat.S_IMODE(os.stat("f").st_mode) == mode
os.chown("f", 12, 34); s = os.stat("f"); assert (s.st_uid, s.st_gid) == (12, 34)
old = os.umask(0o027); put("masked", ""); os.mkdir("dir"); os.umask(old)
assert stat.S_IMODE(os.stat("masked").st_mode) == 0o640 and stat.S_IMODE(os.stat("dir").st_mode) == 0o750`,
    );
    expect(guest.entry("modes/masked").mode).toBe(0o640);
  });

  it("extended attributes", async () => {
    await guest.python(
      "xattr",
      String.raw`
put("f", "x"); os.setxattr("f", "user.k", b"v\0w"); os.setxattr("f", "user.empty", b"")
assert os.getxattr("f", "user.k") == b"v\0w" and sorted(os.listxattr("f")) == ["user.empty", "user.k"]
fails("ENODATA", os.getxattr, "f", "user.no"); fails("ENODATA", os.removexattr, "f", "user.no")
fails("EEXIST", os.setxattr, "f", "user.k", b"", os.XATTR_CREATE); fails("ENODATA", os.setxattr, "f", "user.n", b"", os.XATTR_REPLACE)
os.removexattr("f", "user.k"); assert os.listxattr("f") == ["user.empty"]
put("g", "x"); shutil.copystat("f", "g"); assert os.listxattr("g") == ["user.empty"]`,
    );
  });

  it("statfs and df tell of room", async () => {
    expect(
      await guest.ok(
        "df",
        "df --output=itotal . | tail -1; [ $(df --output=avail . | tail -1) -gt 1000000 ]; stat -f -c '%T %l' .",
      ),
    ).toMatch(/^\s*50000\nfuseblk 255\n$/);
  });
});

describe("a colleague", () => {
  it("a file's content while a colleague edits it: changes between two reads of one descriptor, and in a new mapping", async () => {
    guest.write("seen/f", `${"x".repeat(5000)}\n`);
    const running = guest.python(
      "seen",
      String.raw`
fd = os.open("f", os.O_RDONLY); assert os.pread(fd, 3, 0) == b"xxx"
m = mmap.mmap(fd, 0, prot=mmap.PROT_READ); assert m[0:3] == b"xxx"; m.close()
put("ready", "")
while os.pread(fd, 3, 0) != b"new": time.sleep(0.02)
m = mmap.mmap(fd, 0, prot=mmap.PROT_READ); print(len(m), m[0:3]); m.close(); os.close(fd)`,
    );
    await until("it reads", () => guest.project.resolve("seen/ready") !== undefined, storyLimit);
    guest.text("seen/f").insert(0, "new");
    expect(await running).toBe("5004 b'new'\n");
  });

  it("appends to a file that tail -f follows", async () => {
    guest.write("tail/log", "one\n");
    let shown = "";
    const tail = await guest.machine.spawn(
      { argv: ["tail", "-f", "-s", "0.1", "log"], cwd: "/project/tail" },
      { output: (_fd, data) => void (shown += decodeUtf8Lossy(data)) },
    );
    const log = guest.text("tail/log");
    // Three times, so that tail waits long before the last one; inotify would tell it of the guest's own line only.
    for (const line of ["one\n", "two\n", "three\n", "four\n"]) {
      await until(line, () => shown.endsWith(line), storyLimit);
      if (line === "one\n") log.insert(log.length, "two\n");
      if (line === "three\n") log.insert(log.length, "four\n");
      if (line === "two\n") await guest.ok("tail", "echo three >> log");
    }
    await tail.signal("TERM");
    await tail.exit;
    expect(shown).toBe("one\ntwo\nthree\nfour\n");
  });

  it("makes, renames and deletes what the guest has just looked at", async () => {
    expect((await guest.sh("looked", "ls; cat f")).code).not.toBe(0);
    const { id } = guest.write("looked/f", "made\n");
    expect(await guest.ok("looked", "ls; cat f")).toBe("f\nmade\n");
    guest.project.move(id, guest.entry("looked").id, "g");
    expect(await guest.ok("looked", "ls; cat g; cat f 2>/dev/null || echo gone")).toBe("g\nmade\ngone\n");
    guest.project.trash(id);
    expect(await guest.ok("looked", "ls; cat g 2>/dev/null || echo gone")).toBe("gone\n");
  });
});

describe("where it departs from POSIX", () => {
  it("inotify(7): hears of what its own machine changes only", async () => {
    guest.write("dep-inotify/f", "one\n");
    const running = guest.python(
      "dep-inotify",
      String.raw`
import ctypes
libc = ctypes.CDLL(None); fd = libc.inotify_init1(os.O_NONBLOCK)
assert libc.inotify_add_watch(fd, b"f", 2) > 0
def heard():
    time.sleep(0.1)
    try: return len(os.read(fd, 4096)) > 0
    except BlockingIOError: return False
with open("f", "a") as f: f.write("two\n")
own = heard(); put("ready", "")
while "three" not in open("f").read(): time.sleep(0.02)
print(own, heard())`,
    );
    await until("it watches", () => guest.project.resolve("dep-inotify/ready") !== undefined, storyLimit);
    const text = guest.text("dep-inotify/f");
    text.insert(text.length, "three\n");
    expect(await running).toBe("True False\n");
  });

  it("link(2): EPERM, and programs that link go on without", async () => {
    await guest.python("dep-link", 'put("a", "x"); fails("EPERM", os.link, "a", "b")');
    expect(
      await guest.ok("dep-link", "cp -al a c 2>/dev/null || cp -a a c; tar -cf t a c; tar -xf t; cat c"),
    ).toBe("x");
  });

  it("[SY-45] pipes, sockets and devices: only their own machine sees them", async () => {
    const { code } = await guest.sh("dep-mknod", "mkfifo p && mknod n c 1 3 && test -p p && test -c n");
    expect(code).toBe(0);
    expect(
      await guest.python(
        "dep-mknod",
        String.raw`
import socket
s = socket.socket(socket.AF_UNIX); s.bind("s"); s.listen()
print(sorted(e.name for e in os.scandir(".")), stat.S_ISSOCK(os.stat("s").st_mode))
pid = os.fork()
if pid == 0:
    put("p", "through"); os._exit(0)
print(get("p")); os.waitpid(pid, 0); s.close()
os.mkdir("d"); os.rename("p", "d/p"); fails("ENOTEMPTY", os.rmdir, "d"); os.rename("d", "e"); print(os.listdir("e"))
put("f", "text"); os.rename("f", "n"); print(get("n"), stat.S_ISREG(os.stat("n").st_mode))
os.mknod("regular", 0o644)`,
      ),
    ).toBe("['n', 'p', 's'] True\nthrough\n['p']\ntext True\n");
    expect(guest.names("dep-mknod")).toEqual(["e", "n", "regular"]);
    expect(guest.names("dep-mknod/e")).toEqual([]);
    // What a colleague makes under the name of a pipe hides it.
    guest.write("dep-mknod/e/p", "theirs");
    expect(await guest.ok("dep-mknod/e", "cat p; ls")).toBe("theirsp\n");
  });

  it("rename(2) over a file: it stays the file that it was, and who has it open sees the new content", async () => {
    const { id } = guest.write("dep-rename/a", "old");
    expect(
      await guest.python(
        "dep-rename",
        String.raw`
f = open("a"); put("b", "new"); ino = os.stat("b").st_ino; os.rename("b", "a")
print(get("a"), f.read(), os.fstat(f.fileno()).st_size, os.stat("a").st_ino == ino, os.path.exists("b")); f.close()
# Nobody has it open: what the kernel knows of other files stays, and of this one it learns anew.
put("b", "newer"); ino = os.stat("b").st_ino; os.stat("a"); os.rename("b", "a"); s = os.stat("a"); assert (s.st_ino, s.st_size) == (ino, 5)
assert get("a") == "newer" and [(e.name, e.inode()) for e in os.scandir(".")] == [("a", ino)]
with open("a", "a") as f: f.write("!")
assert get("a") == "newer!" and os.stat("a").st_size == 6`,
      ),
    ).toBe("new new 3 True False\n");
    expect(guest.entry("dep-rename/a").id).toBe(id);
  });

  it("names that are not UTF-8: EILSEQ; too long: ENAMETOOLONG", async () => {
    await guest.python(
      "dep-names",
      String.raw`
for bad in (b"\xff\xfe", b"caf\xe9", b"\xed\xa0\x80"):
    fails("EILSEQ", open, bad, "w"); fails("EILSEQ", os.mkdir, bad); fails("EILSEQ", os.stat, bad)
put("a", ""); fails("EILSEQ", os.rename, "a", b"\xff"); fails("EILSEQ", os.symlink, b"\xff", "s")
for long in ("x" * 256, "é" * 128): fails("ENAMETOOLONG", open, long, "w"); fails("ENAMETOOLONG", os.mkdir, long); fails("ENAMETOOLONG", os.stat, long)
assert os.listdir(".") == ["a"]`,
    );
  });

  it("[SY-19] st_nlink of directories is 1, st_ctime begins as st_mtime, reading moves no st_atime", async () => {
    guest.write("dep-stat/theirs", "x");
    await guest.python(
      "dep-stat",
      String.raw`
os.makedirs("d/e"); assert os.stat("d").st_nlink == 1
s = os.stat("theirs"); assert s.st_ctime_ns == s.st_mtime_ns
def moved(work):
    before = os.stat("theirs").st_ctime_ns; time.sleep(0.01); work(); return os.stat("theirs").st_ctime_ns > before
s = os.stat("theirs"); mode = stat.S_IMODE(s.st_mode)
for work in (
    lambda: os.chmod("theirs", 0o600), lambda: os.chmod("theirs", 0o600), lambda: os.chown("theirs", 0, 0), lambda: os.chown("theirs", -1, -1),
    lambda: os.setxattr("theirs", "user.k", b"v"), lambda: os.removexattr("theirs", "user.k"), lambda: os.utime("theirs", (5, 9)),
    lambda: (os.rename("theirs", "x"), os.rename("x", "theirs")), lambda: os.truncate("theirs", 9), lambda: put("theirs", "y"),
): assert moved(work), work.__code__.co_names
assert not moved(lambda: get("theirs")) and not moved(lambda: os.listdir("."))
os.utime("theirs", (5, 9)); s = os.stat("theirs"); get("theirs"); t = os.stat("theirs")
assert s.st_mtime == t.st_mtime == 9 and t.st_atime == 5 and s.st_ctime > 10**9 and t.st_ctime_ns == s.st_ctime_ns`,
    );
    const before = await guest.ok("dep-stat", "stat -c %Z.%z theirs");
    guest.project.setAttributes(guest.entry("dep-stat/theirs").id, { mode: 0o640 });
    expect(await guest.ok("dep-stat", "stat -c %Z.%z theirs")).not.toBe(before);
  });

  it("times that a program sets: nanoseconds here, whole microseconds for others", async () => {
    await guest.python(
      "dep-times",
      String.raw`
put("f", ""); os.utime("f", ns=(10**18 + 5999, 10**18 + 123456789))
def is_set(): s = os.stat("f"); assert (s.st_atime_ns, s.st_mtime_ns) == (10**18 + 5999, 10**18 + 123456789), s
is_set(); os.rename("f", "g"); put("f", "other"); os.rename("g", "f"); is_set()
os.mkdir("node_modules"); os.rename("f", "node_modules/f"); os.rename("node_modules/f", "f"); is_set()
os.utime("f", ns=(10**18, 10**18)); assert os.stat("f").st_mtime_ns == 10**18
os.utime("f", ns=(10**18 + 5999, 10**18 + 123456789)); put("f", "new"); assert os.stat("f").st_mtime_ns > 10**18 + 123456789
os.utime("f", ns=(10**18 + 5999, 10**18 + 123456789))`,
    );
    expect(guest.entry("dep-times/f").mtime).toBe(10 ** 12 + 123.456);
  });

  it("holes are stored: a sparse file takes its size", async () => {
    expect(await guest.ok("dep-sparse", "truncate -s 1M f; stat -c %b f; du -k f")).toBe("2048\n1024\tf\n");
  });

  it("a file has at most 512 MiB: EFBIG", async () => {
    const out = await guest.python(
      "dep-big",
      String.raw`
put("f", "x"); fails("EFBIG", os.truncate, "f", 2**29 + 1); fd = os.open("f", os.O_RDWR)
fails("EFBIG", os.pwrite, fd, b"x", 2**29); os.close(fd); assert get("f") == "x"
fd = os.open("f", os.O_RDWR); assert os.pwrite(fd, b"1234", 2**29 - 2) == 2; fails("EFBIG", os.pwrite, fd, b"34", 2**29)
assert os.fstat(fd).st_size == 2**29; os.ftruncate(fd, 1); os.close(fd); assert get("f") == "x"
import resource
def limited():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (3, 3))
    fd = os.open("f", os.O_WRONLY); return os.write(fd, b"12345"), child(lambda: os.pwrite(fd, b"x", 3)), child(lambda: os.truncate("f", 4))
import signal; print(child(limited), get("f"))`,
    );
    expect(out).toBe("(3, 'EFBIG', 'EFBIG') 123\n");
  });

  it("mode and attributes of the project's root stay as they are", async () => {
    expect(
      await guest.ok(
        ".",
        "stat -c %a /project; chmod 700 /project; chown 12 /project; stat -c '%a %u' /project",
      ),
    ).toBe("755\n755 0\n");
    await guest.python(".", 'fails("ENOTSUP", os.setxattr, "/project", "user.k", b"v")');
  });

  it("[SY-43] [SY-44] renaming between what is shared and what is not: one call, and nothing is lost", async () => {
    expect(
      await guest.python(
        "dep-local",
        String.raw`
os.mkdir("node_modules"); put("node_modules/m", "local"); put("f", "shared")
os.chmod("f", 0o751); os.chown("f", 12, 34); os.utime("f", (5, 9)); os.setxattr("f", "user.k", b"v"); before = os.stat("f")
os.rename("f", "node_modules/f"); os.rename("node_modules/m", "m")
s = os.stat("node_modules/f"); assert (s.st_mode, s.st_uid, s.st_gid, s.st_atime, s.st_mtime) == (before.st_mode, 12, 34, 5, 9), s
assert os.getxattr("node_modules/f", "user.k") == b"v" and get("node_modules/f") == "shared" and get("m") == "local"
os.rename("node_modules/f", "f"); s = os.stat("f"); assert (s.st_mode, s.st_uid, s.st_gid, s.st_atime, s.st_mtime) == (before.st_mode, 12, 34, 5, 9), s
assert os.getxattr("f", "user.k") == b"v"
# Full folders, with what is in them: links, pipes, what is not shared in a shared one.
os.makedirs("s/deep/er"); put("s/deep/er/text", "x\n"); put("s/deep/bin", "\0y"); os.symlink("deep/er", "s/link"); os.mkfifo("s/p")
os.makedirs("s/node_modules/lib"); put("s/node_modules/lib/a", "lib")
def tree(top): return sorted((os.path.relpath(os.path.join(d, n), top)) for d, ds, fs in os.walk(top) for n in ds + fs)
whole = tree("s")
os.rename("s", "dist"); assert tree("dist") == whole and not os.path.exists("s")
assert get("dist/deep/er/text") == "x\n" and get("dist/link/text") == "x\n" and get("dist/node_modules/lib/a") == "lib"
put("dist/more", "made there"); os.mkdir("dist/dist")
print(sorted(os.listdir(".")))`,
      ),
    ).toBe("['dist', 'f', 'm', 'node_modules']\n");
    expect(guest.names("dep-local")).toEqual(["f", "m"]);
    expect(guest.project.trashed().map(({ path }) => path)).toContain("dep-local/s");
    await guest.python(
      "dep-local",
      String.raw`
os.rename("dist", "s"); assert tree("s") == sorted(whole + ["more", "dist"]), tree("s")
assert get("s/more") == "made there" and get("s/deep/bin") == "\0y" and os.readlink("s/link") == "deep/er" and stat.S_ISFIFO(os.stat("s/p").st_mode)
fails("ENOTEMPTY", os.rename, "node_modules", "s"); fails("EINVAL", os.rename, "s", "s/node_modules/s"); fails("EISDIR", os.rename, "f", "s")
os.mkdir("dist"); os.rename("s", "dist"); os.mkdir("s"); os.rename("dist", "s"); assert get("s/more") == "made there"`,
    );
    expect(guest.names("dep-local/s")).toEqual(["deep", "link", "more"]);
    expect(guest.text("dep-local/s/deep/er/text").toJSON()).toBe("x\n");
  });

  it("[SY-44] who has it open, or is in it, goes on", async () => {
    expect(
      await guest.python(
        "dep-open",
        String.raw`
os.mkdir("dist"); put("dist/a", "one "); f = open("dist/a", "r+"); f.read(); os.rename("dist/a", "a"); f.write("two"); f.flush(); f.close(); print(get("a"))
g = open("a", "a"); os.rename("a", "dist/b"); g.write(" three"); g.close(); print(get("dist/b"), os.listdir("."))
os.mkdir("s"); put("s/x", "in s"); here = os.open("s", os.O_RDONLY); os.chdir("s")
os.rename("../s", "../dist/s"); print(get("x"), os.listdir(here), os.listdir(".")); put("y", "new"); print(sorted(os.listdir("../s")), os.getcwd())
os.rename("../s", "../../t"); put("z", "newer"); print(sorted(os.listdir(".")), sorted(os.listdir(here)), os.getcwd()); os.chdir("/project/dep-open")
os.close(here); print(get("t/z"), os.listdir("dist"))`,
      ),
    ).toBe(
      `one two
one two three ['dist']
in s ['x'] ['x']
['x', 'y'] /project/dep-open/dist/s
['x', 'y', 'z'] ['x', 'y', 'z'] /project/dep-open/t
newer ['b']
`,
    );
    expect(guest.text("dep-open/t/z").toJSON()).toBe("newer");
  });

  it("[SY-44] over a file that people have open: an edit of that file", async () => {
    const { id } = guest.write("dep-over/page.txt", "old\n");
    await guest.ok(
      "dep-over",
      'mkdir .cache; echo new > .cache/page; chmod 600 .cache/page; python3 -c \'import os; os.rename(".cache/page", "page.txt")\'',
    );
    expect(guest.entry("dep-over/page.txt")).toMatchObject({ id, mode: 0o600 });
    expect(guest.text("dep-over/page.txt").toJSON()).toBe("new\n");
    expect(
      await guest.ok(
        "dep-over",
        "cat page.txt; ls -A .cache; ln .cache/x .cache/y 2>/dev/null || : > .cache/x; ln .cache/x .cache/y; stat -c %h .cache/x",
      ),
    ).toBe("new\n2\n");
  });

  it("a deleted file goes to the trash", async () => {
    await guest.ok("dep-trash", "echo keep > f; rm f");
    const [trashed] = guest.project.trashed();
    expect(trashed?.path).toBe("dep-trash/f");
    guest.project.restore(trashed?.id ?? "");
    expect(await guest.ok("dep-trash", "cat f")).toBe("keep\n");
  });
});
