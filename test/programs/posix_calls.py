"""What file system calls do in the current directory: one line for each case, its name and its outcome.

Knows no expectation: run in two file systems, the lines that differ are where they differ. Must run as root.
"""

import ctypes
import errno
import json
import mmap
import os
import resource
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import time
import traceback

KINDS = ("regular", "dir", "fifo", "block", "char", "socket", "symlink")
OTHER, GROUP = 65534, 65533
AT_FDCWD, NOREPLACE, EXCHANGE = -100, 1, 2
TICK = 0.03  # more than the clock of a busy guest takes for a step
libc = ctypes.CDLL(None, use_errno=True)
cases = []


def case(work):
    cases.append(work)
    return work


def make(kind, name, mode=0o644):
    if kind == "regular":
        os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))
    elif kind == "dir":
        os.mkdir(name, mode)
    elif kind == "fifo":
        os.mkfifo(name, mode)
    elif kind == "block":
        os.mknod(name, stat.S_IFBLK | mode, os.makedev(7, 3))
    elif kind == "char":
        os.mknod(name, stat.S_IFCHR | mode, os.makedev(1, 3))
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(name)
        os.chmod(name, mode)
    else:
        os.symlink("nowhere", name)


def remove(name):
    if stat.S_ISDIR(os.lstat(name).st_mode):
        os.rmdir(name)
    else:
        os.unlink(name)


def put(name, data="x"):
    with open(name, "w") as f:
        f.write(data)


def get(name):
    with open(name) as f:
        return f.read()


def tell(work, *args):
    """What a call gives: its value, or the error's name."""
    try:
        value = work(*args)
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error.errno))
    return "ok" if value is None else value


def system(name, *args):
    if getattr(libc, name)(*args) != 0:
        raise OSError(ctypes.get_errno(), name)


def renameat2(old, new, flags):
    system("renameat2", AT_FDCWD, old.encode(), AT_FDCWD, new.encode(), flags)


def as_user(uid, gid, work, groups=()):
    """What `work` gives in a process of another user."""
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups(list(groups))
            os.setgid(gid)
            os.setuid(uid)
            out = json.dumps(tell(work))
        except BaseException as error:
            out = json.dumps(repr(error))
        os.write(w, out.encode())
        os._exit(0)
    os.close(w)
    out = b""
    while piece := os.read(r, 65536):
        out += piece
    os.waitpid(pid, 0)
    os.close(r)
    return json.loads(out)


def times(name):
    found = os.lstat(name)
    return {"a": found.st_atime_ns, "m": found.st_mtime_ns, "c": found.st_ctime_ns}


def moved(names, work, which="mc"):
    """Which times of the files move when `work` is done."""
    before = {name: times(name) for name in names}
    time.sleep(TICK)
    result = tell(work)
    after = {name: times(name) for name in names if os.path.lexists(name)}
    steps = [
        name + ":" + "".join(t for t in which if after[name][t] > before[name][t]) for name in names if name in after
    ]
    return [result if isinstance(result, (str, int)) else "ok", *steps]


def mode_of(name):
    return oct(stat.S_IMODE(os.lstat(name).st_mode))


def owner(name):
    found = os.lstat(name)
    return [found.st_uid, found.st_gid]


@case
def made(say):
    for kind in KINDS:
        os.umask(0)
        put("old")
        say(kind, "parent", moved(["."], lambda: make(kind, "n", 0o751)))
        found = os.lstat("n")
        say(kind, "is", oct(found.st_mode), found.st_nlink if kind != "dir" else "", found.st_rdev, owner("n"))
        say(kind, "fresh", found.st_ctime_ns >= os.lstat("old").st_ctime_ns, kind == "socket" or found.st_mtime_ns == found.st_ctime_ns)
        for there in KINDS:
            if there != kind:
                make(there, "there")
                say(kind, "over", there, tell(make, kind, "there"))
                remove("there")
        say(kind, "again", tell(make, kind, "n"))
        remove("n")
        os.umask(0o027)
        make(kind, "masked", 0o777)
        say(kind, "umask", mode_of("masked"))
        remove("masked")
        os.umask(0o022)
        os.mkdir("own", 0o755)
        os.chown("own", OTHER, GROUP)
        say(kind, "by other", as_user(OTHER, OTHER, lambda: (make(kind, "own/n"), owner("own/n"))[1]))
        say(kind, "by stranger", as_user(OTHER - 5, OTHER - 5, lambda: make(kind, "own/m")))
        os.chmod("own", 0o2777)
        say(kind, "setgid folder", as_user(OTHER - 5, OTHER - 5, lambda: (make(kind, "own/g"), owner("own/g"))[1]), tell(mode_of, "own/g"))
        shutil.rmtree("own")
        remove("old")


def path_errors(say, name, work):
    """The errors of a call that takes a path."""
    put("file")
    os.symlink("loop", "loop")
    os.mkdir("locked", 0o700)
    put("locked/f")
    say(name, "ENOENT", tell(work, "missing/n"))
    say(name, "ENOTDIR", tell(work, "file/n"))
    say(name, "ELOOP", tell(work, "loop/n"))
    say(name, "name of 256", tell(work, "x" * 256))
    say(name, "path of 4096", tell(work, "./" * 2047 + "nn"))
    say(name, "path of 4095", tell(work, "./" * 2047 + "n") == tell(work, "n"))
    say(name, "empty", tell(work, ""))
    say(name, "no search", as_user(OTHER, OTHER, lambda: work("locked/f")))
    shutil.rmtree("locked")
    for left in os.listdir("."):
        remove(left)


@case
def paths(say):
    here = os.getcwd()
    calls = {
        "open": lambda p: os.close(os.open(p, os.O_RDONLY)),
        "create": lambda p: os.close(os.open(p, os.O_CREAT | os.O_WRONLY)),
        "mkdir": os.mkdir,
        "rmdir": os.rmdir,
        "unlink": os.unlink,
        "mkfifo": os.mkfifo,
        "symlink": lambda p: os.symlink("t", p),
        "readlink": os.readlink,
        "chmod": lambda p: os.chmod(p, 0o600),
        "chown": lambda p: os.chown(p, 1, 1),
        "lchown": lambda p: os.lchown(p, 1, 1),
        "truncate": lambda p: os.truncate(p, 3),
        "utime": lambda p: os.utime(p, (1, 1)),
        "rename from": lambda p: os.rename(p, "to"),
        "rename to": lambda p: (os.path.exists(f"{here}/from") or put(f"{here}/from"), os.rename(f"{here}/from", p))[1],
        "stat": lambda p: os.stat(p) and None,
        "statvfs": lambda p: os.statvfs(p) and None,
        "bind": lambda p: make("socket", p),
    }
    for name, work in calls.items():
        path_errors(say, name, work)
    for name in ("mkdir", "unlink", "chmod", "truncate"):
        system_name = {"chmod": ("chmod", 0, 0o600), "mkdir": ("mkdir", 0, 0o700), "truncate": ("truncate", 0, 0)}.get(name, (name, 0))
        say(name, "EFAULT", tell(system, *system_name))


@case
def chmod(say):
    for kind in KINDS[:-1]:
        make(kind, "n")
        for mode in (0o111, 0o4755, 0o2755, 0o1777, 0o644):
            os.chmod("n", mode)
            say(kind, oct(mode), mode_of("n"))
        say(kind, "times", moved(["n", "."], lambda: os.chmod("n", 0o600)), moved(["n"], lambda: os.chmod("n", 0o600)))
        say(kind, "refused", moved(["n"], lambda: as_user(OTHER, OTHER, lambda: os.chmod("n", 0o777))), mode_of("n"))
        say(kind, "stranger", as_user(OTHER, OTHER, lambda: os.chmod("n", 0o777)))
        os.chown("n", OTHER, GROUP)
        say(kind, "owner", as_user(OTHER, OTHER, lambda: os.chmod("n", 0o2751)), mode_of("n"))
        say(kind, "owner in group", as_user(OTHER, OTHER, lambda: os.chmod("n", 0o2751), [GROUP]), mode_of("n"))
        say(kind, "sticky", as_user(OTHER, OTHER, lambda: os.chmod("n", 0o1644)), mode_of("n"))
        remove("n")
    put("f")
    os.symlink("f", "s")
    os.chmod("s", 0o640)
    say("through a link", mode_of("f"), mode_of("s"))
    fd = os.open("f", os.O_RDONLY)
    say("fchmod", tell(os.fchmod, fd, 0o604), mode_of("f"), moved(["f"], lambda: os.fchmod(fd, 0o604)))
    os.close(fd)


@case
def chown(say):
    for kind in KINDS:
        make(kind, "n")
        say(kind, "to", tell(os.lchown, "n", 123, 456), owner("n"))
        say(kind, "keep", tell(os.lchown, "n", -1, 7), owner("n"), tell(os.lchown, "n", 8, -1), owner("n"))
        say(kind, "times", moved(["n", "."], lambda: os.lchown("n", 123, 456)), moved(["n"], lambda: os.lchown("n", 123, 456)))
        say(kind, "nothing", moved(["n"], lambda: os.lchown("n", -1, -1)))
        os.lchown("n", OTHER, OTHER)
        say(kind, "stranger", as_user(OTHER - 5, OTHER - 5, lambda: os.lchown("n", OTHER - 5, -1)))
        say(kind, "owner gives away", as_user(OTHER, OTHER, lambda: os.lchown("n", 1, -1)))
        say(kind, "owner to own group", as_user(OTHER, OTHER, lambda: os.lchown("n", -1, GROUP), [GROUP]), owner("n"))
        say(kind, "owner to other group", as_user(OTHER, OTHER, lambda: os.lchown("n", -1, 99), [GROUP]))
        remove("n")
    for mode in (0o6755, 0o6644, 0o2745, 0o4711):
        put("f")
        os.chmod("f", mode)
        os.chown("f", OTHER, GROUP)
        say("root clears", oct(mode), mode_of("f"))
        os.chmod("f", mode)
        say("owner clears", oct(mode), as_user(OTHER, GROUP, lambda: os.chown("f", -1, GROUP)), mode_of("f"))
        os.chmod("f", mode)
        os.chown("f", -1, -1)
        say("nothing clears", oct(mode), mode_of("f"))
        os.unlink("f")
    os.mkdir("d")
    os.chmod("d", 0o6777)
    os.chown("d", OTHER, GROUP)
    say("folder keeps", mode_of("d"))
    put("f")
    os.symlink("f", "s")
    say("follows", tell(os.chown, "s", 5, 6), owner("f"), owner("s"))


@case
def privileges_end_with_a_write(say):
    for mode in (0o6777, 0o6767, 0o2777, 0o2767, 0o4777):
        for name, work in {
            "write": lambda: os.write(os.open("f", os.O_WRONLY), b"y") and None,
            "append": lambda: os.write(os.open("f", os.O_WRONLY | os.O_APPEND), b"y") and None,
            "pwrite": lambda: os.pwrite(os.open("f", os.O_RDWR), b"y", 3) and None,
            "truncate": lambda: os.truncate("f", 9),
            "open to empty": lambda: os.close(os.open("f", os.O_WRONLY | os.O_TRUNC)),
            "read": lambda: os.read(os.open("f", os.O_RDONLY), 1) and None,
        }.items():
            put("f")
            os.chmod("f", mode)
            say(name, "by other", oct(mode), as_user(OTHER, OTHER, work), mode_of("f"))
            os.chmod("f", mode)
            work()
            say(name, "by root", oct(mode), mode_of("f"))
            os.unlink("f")


@case
def rename(say):
    for kind in KINDS:
        os.mkdir("to")
        make(kind, "n")
        ino = os.lstat("n").st_ino
        say(kind, "times", moved(["n", ".", "to"], lambda: os.rename("n", "m"))[:1], moved([".", "to"], lambda: os.rename("m", "to/m")))
        os.rename("to/m", "n")
        say(kind, "keeps", os.lstat("n").st_ino == ino, oct(os.lstat("n").st_mode))
        before = times("n")
        time.sleep(TICK)
        os.rename("n", "m")
        say(kind, "ctime", "".join(t for t in "mc" if times("m")[t] > before[t]))
        os.rename("m", "n")
        say(kind, "to itself", moved(["n", "."], lambda: os.rename("n", "n")))
        say(kind, "missing", tell(os.rename, "missing", "n"))
        for over in KINDS:
            make(over, "over")
            before = os.lstat("n").st_ino
            result = tell(os.rename, "n", "over")
            say(kind, "over", over, result, (os.lstat("over").st_ino == before, os.path.lexists("n")) if result == "ok" else "")
            if result == "ok":
                os.rename("over", "n")
            else:
                remove("over")
        remove("n")
        os.rmdir("to")
    os.mkdir("d")
    os.mkdir("d/e")
    os.mkdir("full")
    put("full/f")
    say("into itself", tell(os.rename, "d", "d/e/x"), tell(os.rename, "d", "d/x"))
    say("over its parent", tell(os.rename, "d/e", "d"))
    say("over a full folder", tell(os.rename, "d", "full"))
    say("dots", tell(os.rename, "d/.", "x"), tell(os.rename, "d/..", "x"), tell(os.rename, "d", "full/."), tell(os.rename, "d", "full/.."))
    say("slashes", tell(os.rename, "d/", "g/"), tell(os.rename, "full/f/", "h"), tell(os.rename, "full/f", "h/"))
    os.mkdir("empty")
    say("over an empty folder", tell(os.rename, "full", "empty"), os.listdir("empty"))
    put("a", "new")
    put("b", "old")
    say("no replace", tell(renameat2, "a", "b", NOREPLACE), tell(renameat2, "a", "c", NOREPLACE), os.path.exists("a"), get("c"))
    say("exchange", tell(renameat2, "b", "c", EXCHANGE))
    say("no such flag", tell(renameat2, "b", "c", 64))
    say("to another file system", tell(os.rename, "b", "/run/b"))


@case
def rename_over_a_file_is_the_new_file(say):
    for name, old, new in (("text", b"old\n", b"new\n"), ("bytes", b"\0old", b"\0new"), ("mixed", b"old\n", b"\0new"), ("back", b"\0old", b"new\n"), ("empty", b"old", b"")):
        with open("a", "wb") as f:
            f.write(new)
        with open("b", "wb") as f:
            f.write(old)
        os.chmod("a", 0o4710)
        os.chown("a", OTHER, GROUP)
        os.chmod("a", 0o4710)
        os.chown("b", 1, 2)
        os.utime("a", (978307200.25, 978307201.5))
        ino = os.stat("a").st_ino
        os.rename("a", "b")
        found = os.stat("b")
        say(name, oct(found.st_mode), owner("b"), found.st_atime, found.st_mtime, found.st_size, found.st_nlink, found.st_ino == ino)
        say(name, open("b", "rb").read() == new, sorted(os.listdir(".")))
        os.unlink("b")
    put("a", "new")
    put("b", "old")
    os.utime("a", (5, 5))
    held = open("b")
    os.rename("a", "b")
    say("who has the old one open", os.fstat(held.fileno()).st_nlink, held.read())
    say("time of the open one", os.fstat(held.fileno()).st_mtime == 5)
    put("a", "third")
    writing = open("a", "a")
    os.rename("a", "b")
    writing.write(" more")
    writing.close()
    say("who has the new one open", get("b"))


@case
def sticky_folders(say):
    for kind in KINDS:
        for folder, of in ((OTHER, OTHER - 5), (OTHER - 5, OTHER - 5), (OTHER - 5, OTHER), (0, 0)):
            os.mkdir("t", 0o1777)
            os.chmod("t", 0o1777)
            os.chown("t", folder, folder)
            make(kind, "t/n", 0o666)
            os.lchown("t/n", of, of)
            os.mkdir("mine", 0o777)
            os.chmod("mine", 0o777)
            say(kind, "of", of, "in", folder, as_user(OTHER, OTHER, lambda: remove("t/n")), os.path.lexists("t/n"))
            if os.path.lexists("t/n"):
                say(kind, "rename", of, folder, as_user(OTHER, OTHER, lambda: os.rename("t/n", "mine/n")))
                if kind != "dir":
                    say(kind, "over", of, folder, as_user(OTHER, OTHER, lambda: (make("regular", "mine/x"), os.rename("mine/x", "t/n"))[1]))
            shutil.rmtree("t")
            shutil.rmtree("mine")


@case
def permissions(say):
    for who, uid, gid, groups in (("owner", OTHER, 1, ()), ("group", 2, GROUP, ()), ("groups", 2, 1, (GROUP,)), ("stranger", 2, 1, ())):
        for mode in (0o700, 0o070, 0o007, 0o400, 0o200, 0o040, 0o020, 0o004, 0o002, 0o000):
            put("f")
            os.chown("f", OTHER, GROUP)
            os.chmod("f", mode)
            os.mkdir("d")
            put("d/x")
            os.chown("d", OTHER, GROUP)
            os.chmod("d", mode)

            def all_ways():
                return [
                    tell(lambda: os.close(os.open("f", os.O_RDONLY))),
                    tell(lambda: os.close(os.open("f", os.O_WRONLY))),
                    tell(lambda: os.close(os.open("f", os.O_RDWR))),
                    os.access("f", os.R_OK), os.access("f", os.W_OK), os.access("f", os.X_OK),
                    tell(lambda: len(os.listdir("d"))),
                    tell(lambda: os.stat("d/x") and None),
                    tell(lambda: put("d/y")),
                    tell(lambda: os.unlink("d/x")),
                    tell(lambda: os.truncate("f", 0)),
                ]

            say(who, oct(mode), as_user(uid, gid, all_ways, groups))
            os.unlink("f")
            shutil.rmtree("d")


@case
def folders(say):
    say("parent of new", moved(["."], lambda: os.mkdir("d")))
    say("links", os.stat("d").st_nlink in (1, 2))
    os.mkdir("d/a")
    os.mkdir("d/b")
    put("d/f")
    say("links of three", os.stat("d").st_nlink in (1, 4))
    os.mkdir("e")
    os.rename("d/a", "e/a")
    say("links moved", os.stat("d").st_nlink in (1, 3), os.stat("e").st_nlink in (1, 3))
    os.rmdir("d/b")
    say("links less", os.stat("d").st_nlink in (1, 2))
    say("not empty", tell(os.rmdir, "d"), tell(os.rmdir, "e/a/.."), tell(os.rmdir, "e/a/."))
    say("of file", tell(os.rmdir, "d/f"), tell(os.unlink, "d"))
    say("times of removal", moved([".", "e"], lambda: os.rmdir("e/a")))
    say("slash", tell(os.rmdir, "e/"), tell(os.mkdir, "e/"))
    say("parent of file", moved(["d"], lambda: os.unlink("d/f")))
    fd = os.open("d", os.O_RDONLY)
    os.rmdir("d")
    say("gone but open", os.fstat(fd).st_nlink, tell(lambda: os.listdir(fd)), tell(lambda: os.open("x", os.O_CREAT | os.O_WRONLY, dir_fd=fd)), tell(lambda: os.mkdir("x", dir_fd=fd)))
    os.close(fd)
    for kind in KINDS:
        make(kind, kind)
    say("listed", sorted((e.name, e.is_dir(follow_symlinks=False), e.is_symlink(), e.inode() == os.lstat(e.name).st_ino) for e in os.scandir(".")))
    say("root", tell(os.rmdir, "."), tell(os.mkdir, "."))


@case
def opening(say):
    put("f", "text")
    os.symlink("f", "s")
    os.symlink("nowhere", "dangling")
    os.symlink("loop", "loop")
    os.mkdir("d")
    os.mkfifo("p")
    make("socket", "u")
    flags = {
        "exclusive": os.O_CREAT | os.O_EXCL | os.O_WRONLY, "no follow": os.O_NOFOLLOW, "folder": os.O_DIRECTORY,
        "write": os.O_WRONLY, "read and write": os.O_RDWR, "create": os.O_CREAT | os.O_WRONLY,
        "write now": os.O_WRONLY | os.O_NONBLOCK, "read now": os.O_RDONLY | os.O_NONBLOCK, "empty": os.O_WRONLY | os.O_TRUNC | os.O_NONBLOCK,
        "path": os.O_PATH, "path no follow": os.O_PATH | os.O_NOFOLLOW, "create folder": os.O_CREAT | os.O_DIRECTORY,
        "exclusive folder": os.O_CREAT | os.O_EXCL | os.O_DIRECTORY | os.O_WRONLY, "slash": os.O_RDONLY,
    }
    for name, flag in flags.items():
        for file in ("f", "s", "dangling", "loop", "d", "u", "missing"):
            path = file + "/" if name == "slash" else file
            say(name, file, tell(lambda: os.close(os.open(path, flag))))
            for left in ("missing", "nowhere"):
                if os.path.lexists(left):
                    remove(left)
    say("pipe that nobody reads", tell(lambda: os.close(os.open("p", os.O_WRONLY | os.O_NONBLOCK))))
    say("slash at a file", tell(lambda: os.close(os.open("f/", os.O_RDONLY))), tell(lambda: os.close(os.open("x/", os.O_CREAT | os.O_WRONLY))))
    put("f", "text")
    say("emptied", moved(["f"], lambda: os.close(os.open("f", os.O_WRONLY | os.O_TRUNC))), os.stat("f").st_size)
    say("emptied again", moved(["f"], lambda: os.close(os.open("f", os.O_WRONLY | os.O_TRUNC))))
    say("created again", moved(["f", "."], lambda: os.close(os.open("f", os.O_CREAT | os.O_WRONLY))))
    say("read only mode", tell(lambda: os.write(os.open("ro", os.O_CREAT | os.O_RDWR, 0o444), b"x")))
    os.chmod("f", 0o444)
    say("by other", as_user(OTHER, OTHER, lambda: os.close(os.open("f", os.O_RDONLY | os.O_TRUNC))), os.stat("f").st_size)
    shutil.copy("/bin/sleep", "prog")
    pid = os.spawnl(os.P_NOWAIT, "./prog", "prog", "30")
    while os.readlink(f"/proc/{pid}/exe") != os.path.realpath("prog"):
        time.sleep(TICK)
    say("busy", tell(lambda: os.close(os.open("prog", os.O_WRONLY))), tell(lambda: os.truncate("prog", 1)), tell(lambda: os.close(os.open("prog", os.O_RDWR))))
    os.unlink("prog")
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    shutil.copy("/bin/true", "written")
    fd = os.open("written", os.O_WRONLY)
    say("run while written", tell(lambda: os.waitpid(os.posix_spawn("./written", ["written"], {}), 0)[1]))
    os.close(fd)
    say("run", tell(lambda: os.waitpid(os.posix_spawn("./written", ["written"], {}), 0)[1]))
    os.chmod("written", 0o644)
    say("run without permission", tell(lambda: os.posix_spawn("./written", ["written"], {})))


@case
def pipes_and_sockets(say):
    os.mkfifo("p")
    pid = os.fork()
    if pid == 0:
        with open("p", "w") as f:
            f.write("through the pipe")
        os._exit(0)
    say("pipe", get("p"), os.stat("p").st_size)
    os.waitpid(pid, 0)
    os.rename("p", "q")
    pid = os.fork()
    if pid == 0:
        with open("q", "w") as f:
            f.write("renamed")
        os._exit(0)
    say("renamed pipe", get("q"))
    os.waitpid(pid, 0)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("u")
        server.listen()
        with socket.socket(socket.AF_UNIX) as client:
            client.connect("u")
            accepted, _ = server.accept()
            accepted.sendall(b"hello")
            say("socket", client.recv(9).decode())
            accepted.close()
        say("bound twice", tell(lambda: make("socket", "u")))
        os.rename("u", "v")
        with socket.socket(socket.AF_UNIX) as client:
            say("renamed socket", tell(client.connect, "v"), tell(client.connect, "u"))
    with socket.socket(socket.AF_UNIX) as client:
        say("nobody listens", tell(client.connect, "v"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as a, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as b:
        a.bind("da")
        b.sendto(b"datagram", "da")
        say("datagram", a.recv(20).decode())
    os.mknod("null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
    nodev = os.statvfs(".").f_flag & os.ST_NODEV
    say("device", bool(nodev) or (tell(lambda: put("null", "gone")), tell(lambda: get("null"))) == ("ok", ""))
    os.mkdir("d")
    os.mkfifo("d/p")
    say("in a folder", tell(os.rmdir, "d"))
    os.rename("d", "e")
    say("with its folder", os.listdir("e"), tell(os.unlink, "e/p"), tell(os.rmdir, "e"))
    put("f", "file")
    os.mkfifo("over")
    os.rename("f", "over")
    say("file over a pipe", get("over"))
    os.rename("q", "over")
    say("pipe over a file", stat.S_ISFIFO(os.stat("over").st_mode), sorted(os.listdir(".")))


@case
def truncating(say):
    put("f", "12345678")
    say("less", moved(["f", "."], lambda: os.truncate("f", 3)), get("f"))
    say("more", moved(["f"], lambda: os.truncate("f", 6)), os.stat("f").st_size)
    fd = os.open("f", os.O_RDWR)
    say("fd", moved(["f"], lambda: os.ftruncate(fd, 2)), os.fstat(fd).st_size)
    say("fd same", moved(["f"], lambda: os.ftruncate(fd, 2)))
    say("beyond", tell(os.ftruncate, fd, 100000), os.fstat(fd).st_size, os.pread(fd, 9, 99990) == bytes(9))
    os.close(fd)
    fd = os.open("f", os.O_RDONLY)
    say("read only", tell(os.ftruncate, fd, 0))
    os.close(fd)
    say("negative", tell(os.truncate, "f", -1))
    say("far too large", tell(os.truncate, "f", 999999999999999))
    say("folder", tell(os.truncate, ".", 0))
    os.mkfifo("p")
    say("pipe", tell(os.truncate, "p", 0))
    os.chmod("f", 0o444)
    say("by other", moved(["f"], lambda: as_user(OTHER, OTHER, lambda: os.truncate("f", 0))), as_user(OTHER, OTHER, lambda: os.truncate("f", 0)))
    say("allocate", tell(lambda: os.posix_fallocate(os.open("f", os.O_RDWR), 0, 200000)), os.stat("f").st_size)
    say("allocate wrong", tell(lambda: os.posix_fallocate(os.open("f", os.O_RDWR), 0, 0)), tell(lambda: os.posix_fallocate(os.open("f", os.O_RDWR), -1, 5)))
    say("allocate read only", tell(lambda: os.posix_fallocate(os.open("f", os.O_RDONLY), 0, 5)))


def limited(limit, work):
    """In a process whose files have a limit; says also whether it was told by SIGXFSZ."""

    def run():
        told = []
        signal.signal(signal.SIGXFSZ, lambda *_: told.append(1))
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        return [tell(work), len(told)]

    return as_user(0, 0, run)


@case
def file_size_limit(say):
    put("f", "")
    say("write", limited(100, lambda: os.write(os.open("f", os.O_WRONLY), b"x" * 200)), os.stat("f").st_size)
    say("write at it", limited(100, lambda: os.pwrite(os.open("f", os.O_WRONLY), b"x", 100)), os.stat("f").st_size)
    say("append at it", limited(100, lambda: os.write(os.open("f", os.O_WRONLY | os.O_APPEND), b"x")), os.stat("f").st_size)
    say("truncate", limited(100, lambda: os.truncate("f", 101)), limited(100, lambda: os.truncate("f", 100)), os.stat("f").st_size)
    say("ftruncate", limited(100, lambda: os.ftruncate(os.open("f", os.O_WRONLY), 1000)))
    say("allocate", limited(100, lambda: os.posix_fallocate(os.open("f", os.O_WRONLY), 0, 1000)))
    put("large", "x" * 200)
    say("larger already", limited(100, lambda: os.pwrite(os.open("large", os.O_WRONLY), b"y", 150)), limited(100, lambda: os.truncate("large", 150)))
    say("without room", tell(lambda: os.pwrite(os.open("f", os.O_WRONLY), b"x", 2**63 - 1)))


@case
def writing(say):
    put("f", "text")
    fd = os.open("f", os.O_RDWR)
    say("write", moved(["f", "."], lambda: os.write(fd, b"y") and None))
    say("nothing", moved(["f"], lambda: os.write(fd, b"") and None))
    say("pwrite", moved(["f"], lambda: os.pwrite(fd, b"y", 50) and None), os.fstat(fd).st_size)
    say("read", moved(["f"], lambda: os.pread(fd, 9, 0) and None))
    say("writev", os.pwritev(fd, [b"ab", b"", b"cd"], 1), os.pread(fd, 6, 0).decode())
    say("seek", os.lseek(fd, -3, os.SEEK_END), tell(os.lseek, fd, -1, os.SEEK_SET), os.lseek(fd, 1000, os.SEEK_SET), os.read(fd, 5).decode())
    say("closed with", moved(["f"], lambda: os.close(fd)))
    fd = os.open("f", os.O_WRONLY | os.O_APPEND)
    say("append at", os.pwrite(fd, b"end", 0), os.fstat(fd).st_size)
    os.close(fd)
    say("mapped", moved(["f"], map_and_write)[0], get("f")[:3])
    say("kept", get("f")[1:4])


def map_and_write():
    with open("f", "r+b") as f, mmap.mmap(f.fileno(), 0) as m:
        m[0:3] = b"MAP"
        m.flush()


@case
def removing(say):
    for kind in KINDS:
        make(kind, "n")
        say(kind, moved(["."], lambda: remove("n")), os.path.lexists("n"))
    put("f", "text")
    fd = os.open("f", os.O_RDWR)
    before = os.fstat(fd).st_ctime_ns
    time.sleep(TICK)
    os.unlink("f")
    found = os.fstat(fd)
    say("open", found.st_nlink, found.st_size, found.st_ctime_ns > before, os.pread(fd, 9, 0).decode(), os.pwrite(fd, b"more", 4), os.pread(fd, 9, 0).decode())
    say("open changes", tell(os.fchmod, fd, 0o600), oct(os.fstat(fd).st_mode), tell(os.ftruncate, fd, 2), os.fstat(fd).st_size)
    os.close(fd)
    say("folder", tell(os.unlink, "."), tell(os.unlink, "missing"))


@case
def setting_times(say):
    for kind in KINDS:
        make(kind, "n")
        os.utime("n", ns=(10**18 + 1, 10**18 + 2), follow_symlinks=False)
        found = os.lstat("n")
        say(kind, "nanoseconds", found.st_atime_ns - 10**18, found.st_mtime_ns - 10**18)
        say(kind, "times", moved(["n", "."], lambda: os.utime("n", (5, 5), follow_symlinks=False), "c"))
        remove("n")
    put("f")
    for seconds in (0, 1, -1, -86400, 2**31 - 1):
        os.utime("f", ns=(seconds * 10**9 + 500000000, seconds * 10**9 + 250000000))
        found = os.stat("f")
        say("seconds", seconds, found.st_atime_ns == seconds * 10**9 + 500000000, found.st_mtime_ns == seconds * 10**9 + 250000000)
    for nanoseconds in (1000, 1000000, 123456000, 999999000, 123456789, 999999999):
        os.utime("f", ns=(nanoseconds, 10**18 + nanoseconds))
        found = os.stat("f")
        say("fraction", nanoseconds, found.st_atime_ns, found.st_mtime_ns - 10**18)
    os.utime("f", (3, 3))
    now_and_omit = struct.pack("lxxxxl" if struct.calcsize("l") == 8 else "llll", *((0, 0x3FFFFFFF, 0, 0x3FFFFFFE)[: 4]))
    buffer = ctypes.create_string_buffer(now_and_omit)
    say("one of two", tell(system, "utimensat", AT_FDCWD, b"f", buffer, 0), os.stat("f").st_mtime == 3, os.stat("f").st_atime > 10**9)
    put("h")
    before = os.stat("h").st_atime_ns
    omit_and_set = struct.pack("llll", 0, 0x3FFFFFFE, 5, 6)
    say("the other of two", tell(system, "utimensat", AT_FDCWD, b"h", ctypes.create_string_buffer(omit_and_set), 0), os.stat("h").st_atime_ns == before, os.stat("h").st_mtime_ns)
    os.unlink("h")
    for who, uid in (("owner", OTHER), ("writer", 2), ("stranger", 3)):
        put("g")
        os.chown("g", OTHER, 2)
        os.chmod("g", 0o664)
        say(who, as_user(uid, uid, lambda: os.utime("g", (1, 1))), as_user(uid, uid, lambda: os.utime("g")))
        os.unlink("g")
    put("f")
    fd = os.open("f", os.O_RDONLY)
    os.utime(fd, (7, 8))
    say("by descriptor", os.fstat(fd).st_atime, os.fstat(fd).st_mtime)
    os.close(fd)
    os.symlink("f", "s")
    os.utime("s", (9, 9))
    say("through a link", os.stat("f").st_mtime)


@case
def linking(say):
    for kind in KINDS[:1] + KINDS[2:]:
        make(kind, "n")
        say(kind, moved(["n", "."], lambda: os.link("n", "m", follow_symlinks=False)), os.lstat("n").st_nlink)
        for left in ("n", "m"):
            if os.path.lexists(left):
                remove(left)
    os.mkdir("d")
    say("folder", tell(os.link, "d", "e"))
    put("f")
    put("g")
    say("there", tell(os.link, "f", "g"), tell(os.link, "missing", "h"))


@case
def symlinks(say):
    say("size", tell(os.symlink, "target", "s"), os.lstat("s").st_size, os.readlink("s"))
    say("empty", tell(os.symlink, "", "e"))
    say("long", tell(os.symlink, "x" * 4095, "l"), tell(os.symlink, "x" * 4096, "m"))
    say("slash", tell(os.symlink, "t", "n/"))
    os.mkdir("d")
    put("d/f", "text")
    os.symlink("d", "sd")
    say("folder", os.listdir("sd"), tell(os.rmdir, "sd"), tell(os.unlink, "sd/"), get("sd/f"))
    put("b")
    for index in range(42):
        os.symlink("b" if index == 0 else f"c{index - 1}", f"c{index}")
    say("chain", tell(get, "c39"), tell(get, "c40"))


@case
def through_links(say):
    for kind in KINDS[:-1]:
        make(kind, "n")
        os.symlink("n", "s")
        say(kind, "chmod", moved(["n", "s"], lambda: os.chmod("s", 0o222), "c"), mode_of("n"), mode_of("s"))
        say(kind, "chown", moved(["n", "s"], lambda: os.chown("s", 123, 456), "c"), owner("n"), owner("s"))
        os.chown("n", OTHER, GROUP)
        groups = [GROUP - 1, GROUP - 2]
        say(kind, "group by owner", as_user(OTHER, GROUP - 1, lambda: os.chown("s", -1, GROUP - 2), groups), owner("n"), owner("s"))
        say(kind, "group and owner by owner", as_user(OTHER, GROUP - 1, lambda: os.chown("s", OTHER, GROUP - 1), groups), owner("n"))
        say(kind, "nothing by stranger", as_user(2, 2, lambda: os.chown("s", -1, -1)), as_user(2, 2, lambda: os.lchown("s", -1, -1)), owner("n"))
        refused = lambda: [as_user(2, 2, lambda: os.chown("s", *ids)) for ids in ((2, -1), (-1, 2), (2, 2))]
        say(kind, "refused", refused(), moved(["n", "s"], refused)[1:], owner("n"))
        os.chmod("n", 0o6555)
        os.chown("s", 65532, 65531)
        say(kind, "root takes privileges", mode_of("n"))
        os.chmod("n", 0o6555)
        say(kind, "owner takes privileges", as_user(65532, 65531, lambda: os.chown("s", -1, 65530), [65530]), mode_of("n"))
        os.chmod("n", 0o6555)
        say(kind, "owner changes nothing", as_user(65532, 65531, lambda: os.chown("s", -1, -1), [65530]), mode_of("n"))
        say(kind, "times", tell(os.utime, "s", (1900000000, 1950000000)), os.stat("n").st_mtime, os.lstat("s").st_mtime > 1950000000)
        say(kind, "times of the link", tell(lambda: os.utime("s", (5, 6), follow_symlinks=False)), os.stat("n").st_mtime, os.lstat("s").st_mtime)
        os.unlink("s")
        remove("n")


@case
def created_modes(say):
    for flags in (os.O_WRONLY, os.O_RDWR, os.O_RDONLY):
        for mode in (0, 0o200, 0o400):
            for who in (0, OTHER):
                def work():
                    fd = os.open("n", os.O_CREAT | flags, mode)
                    return [os.fstat(fd).st_size, tell(os.ftruncate, fd, 3), tell(os.write, fd, b"ab"), tell(lambda: os.pread(fd, 9, 0).decode()), tell(os.posix_fallocate, fd, 0, 9), os.fstat(fd).st_size, tell(os.fchmod, fd, 0o604)]

                say(flags, oct(mode), who, as_user(who, who, work), mode_of("n"))
                os.unlink("n")
    for mask, mode in ((0o077, 0o151), (0o070, 0o345), (0o501, 0o345), (0o777, 0o777)):
        for kind in ("regular", "dir", "fifo", "block", "char"):
            os.umask(mask)
            make(kind, "n", mode)
            say(kind, "mask", oct(mask), oct(mode), mode_of("n"))
            remove("n")
    os.umask(0o022)
    for sticky in (0o4777, 0o2777, 0o1777):
        for kind in KINDS[:5]:
            make(kind, "n", sticky)
            say(kind, "special bits", oct(sticky), mode_of("n"))
            remove("n")
    os.mkdir("g")
    os.chown("g", 0, GROUP)
    os.chmod("g", 0o2777)
    for kind in ("regular", "dir", "fifo", "socket", "symlink"):
        say(kind, "below setgid", as_user(OTHER, OTHER, lambda: make(kind, "g/n", 0o2775)), owner("g/n"), mode_of("g/n"))
        remove("g/n")


@case
def opening_by_permission(say):
    people = (("owner", OTHER, OTHER), ("group", 2, OTHER), ("others", 2, 2))
    for kind in ("regular", "fifo", "dir"):
        make(kind, "n")
        os.chown("n", OTHER, OTHER)
        for mode in (0o600, 0o060, 0o006, 0o477, 0o747, 0o774, 0o277, 0o727, 0o772, 0o177, 0o717, 0o771, 0o077, 0o707, 0o770):
            os.chmod("n", mode)
            for who, uid, gid in people:
                def work():
                    flags = (os.O_RDONLY, os.O_WRONLY, os.O_RDWR, os.O_RDONLY | os.O_TRUNC, os.O_WRONLY | os.O_CREAT)
                    return [tell(lambda: os.close(os.open("n", flag | os.O_NONBLOCK))) for flag in flags]

                say(kind, who, oct(mode), as_user(uid, gid, work))
        remove("n")
    for kind in KINDS:
        make(kind, "n")
        for flags in (os.O_CREAT | os.O_EXCL, os.O_CREAT | os.O_EXCL | os.O_RDWR, os.O_RDONLY | os.O_DIRECTORY, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK):
            # Whether a device can be opened is a matter of how it is mounted.
            if kind in ("block", "char") and flags & os.O_NOFOLLOW:
                continue
            say(kind, "opened with", flags, tell(lambda: os.close(os.open("n", flags))))
        remove("n")
    os.mkdir("d", 0o555)
    os.chown("d", OTHER, OTHER)
    put("d/f")
    calls = {
        "create": lambda: os.close(os.open("d/x", os.O_CREAT | os.O_WRONLY)), "open": lambda: os.close(os.open("d/f", os.O_CREAT | os.O_RDONLY)),
        "mkdir": lambda: os.mkdir("d/x"), "mkfifo": lambda: os.mkfifo("d/x"), "symlink": lambda: os.symlink("t", "d/x"), "bind": lambda: make("socket", "d/x"),
        "unlink": lambda: os.unlink("d/f"), "rename from": lambda: os.rename("d/f", "x"), "rename within": lambda: os.rename("d/f", "d/x"), "link": lambda: os.link("d/f", "d/x"),
    }
    for name, work in calls.items():
        say("without write permission", name, moved(["d", "d/f"], lambda: as_user(OTHER, OTHER, work)), as_user(OTHER, OTHER, work))


@case
def hard_links(say):
    put("f")
    if tell(os.link, "f", "g") == "EPERM":
        say("none")
        return
    os.unlink("f")
    os.unlink("g")
    for kind in KINDS[:1] + KINDS[2:6]:
        make(kind, "a")
        say(kind, "of two", tell(os.link, "a", "b"), [os.lstat(n).st_nlink for n in ("a", "b")])
        say(kind, "of three", tell(os.link, "b", "c"), [os.lstat(n).st_nlink for n in ("a", "b", "c")], len({os.lstat(n).st_ino for n in "abc"}))
        os.chmod("b", 0o201)
        os.chown("c", OTHER, GROUP)
        say(kind, "share attributes", [(mode_of(n), owner(n)) for n in "abc"])
        say(kind, "renamed to another link", tell(os.rename, "a", "b"), sorted(os.listdir(".")))
        say(kind, "renamed", tell(os.rename, "c", "d"), sorted(os.listdir(".")), os.lstat("d").st_nlink)
        say(kind, "less", moved(["d", "."], lambda: os.unlink("a")), os.lstat("d").st_nlink)
        make(kind, "over")
        say(kind, "one replaced", moved(["d", "."], lambda: os.rename("over", "b")), os.lstat("d").st_nlink, os.lstat("b").st_nlink)
        say(kind, "refused", moved(["d", "."], lambda: as_user(OTHER, OTHER, lambda: os.link("d", "e"))), as_user(OTHER, OTHER, lambda: os.link("d", "e")))
        for left in os.listdir("."):
            remove(left)
    put("a", "text")
    os.link("a", "b")
    with open("b", "a") as f:
        f.write(" more")
    say("content", get("a"), os.stat("a").st_size)
    with open("a") as f:
        os.unlink("a")
        os.truncate("b", 2)
        say("open of one", f.read(), os.fstat(f.fileno()).st_nlink)
    os.mkdir("d")
    os.link("b", "d/c")
    put("x", "other")
    os.rename("x", "b")
    say("replaced by a file", get("b"), get("d/c"))


@case
def two_paths(say):
    """The errors of calls that take two paths, for each of them."""
    for name, call in {"link": os.link, "rename": os.rename}.items():
        os.mkdir(name)
        os.chmod(name, 0o755)
        os.chdir(name)
        put("f", "text")
        put("file")
        os.symlink("loop", "loop")
        os.mkdir("locked", 0o700)
        put("locked/f")
        os.mkdir("d")
        os.mkdir("open")
        os.chmod("open", 0o777)
        put("open/f")
        os.chown("open/f", OTHER, OTHER)
        longest = "n" * 255
        for wrong in ("missing", "missing/n", "file/n", "loop/n", "x" * 256, "./" * 2048 + "n", "", "d/../missing/.."):
            say(name, wrong[:16], "from", tell(call, wrong, "to"), "to", tell(call, "f", wrong))
            if not os.path.exists("f"):
                os.rename(wrong, "f")
            if os.path.exists("missing"):
                os.unlink("missing")
        say(name, "no search", as_user(OTHER, OTHER, lambda: call("locked/f", "open/x")), as_user(OTHER, OTHER, lambda: call("open/f", "locked/x")))
        say(name, "no permission", as_user(OTHER, OTHER, lambda: call("f", "open/x")), as_user(OTHER, OTHER, lambda: call("open/f", "x")))
        say(name, "there", tell(call, "f", "d"), tell(call, "d", "f"), tell(call, "d", "locked"), tell(call, "f", "."), tell(call, "f", ".."), tell(call, "f", "d/."))
        if name == "rename":
            say(name, "longest", tell(call, "f", longest), tell(call, longest, "f"))
            say(name, "longest path", tell(call, "f", "./" * 2043 + "n" * 9), tell(call, "./" * 2043 + "n" * 9, "f"))
        say(name, "elsewhere", tell(call, "f", "/run/f"))
        os.chdir("..")


@case
def longest_names(say):
    longest = "n" * 255
    for kind in ("regular", "dir", "fifo", "block", "char", "symlink"):
        make(kind, longest)
        say(kind, os.listdir(".") == [longest], tell(lambda: os.lstat(longest) and None), tell(lambda: os.lstat(longest + "n") and None))
        if kind != "symlink":
            say(kind, tell(os.chmod, longest, 0o600), tell(os.chown, longest, 5, 6), tell(os.utime, longest, (5, 6)), owner(longest))
        say(kind, "path of 4094", tell(lambda: os.lstat(("./" * 1919 + longest)) and None))
        remove(longest)
    os.mkdir(longest)
    deep = longest
    while len(deep) + 256 < 4096:
        deep += "/" + longest
        os.mkdir(deep)
    say("deep", len(deep), tell(put, deep + "/x"), tell(put, deep + "/" + "x" * 100), tell(os.mkdir, deep + "/" + longest))
    shutil.rmtree(longest)
    say("gone", os.listdir("."))


@case
def moving_folders(say):
    os.mkdir("a")
    os.mkdir("b")
    for folder in "ab":
        os.chmod(folder, 0o777)
    os.mkdir("a/d", 0o700)
    say("of another within", as_user(OTHER, OTHER, lambda: os.rename("a/d", "a/e")), os.listdir("a"))
    if not os.path.exists("a/d"):
        os.rename("a/e", "a/d")
    say("of another elsewhere", as_user(OTHER, OTHER, lambda: os.rename("a/d", "b/d")), os.listdir("a"), os.listdir("b"))
    if os.path.exists("b/d"):
        os.rename("b/d", "a/d")
    put("a/f")
    say("file of another elsewhere", as_user(OTHER, OTHER, lambda: os.rename("a/f", "b/f")), sorted(os.listdir("b")))
    os.mkdir("a/d/e")
    parent = lambda name: os.lstat(name + "/..").st_ino
    say("parent before", parent("a/d") == os.stat("a").st_ino)
    fd = os.open("a/d", os.O_RDONLY)
    os.rename("a/d", "b/g")
    say("parent after", parent("b/g") == os.stat("b").st_ino, parent("b/g/e") == os.stat("b/g").st_ino)
    say("parent of the open one", os.stat("..", dir_fd=fd).st_ino == os.stat("b").st_ino, tell(lambda: os.mkdir("new", dir_fd=fd)), sorted(os.listdir("b/g")))
    os.close(fd)
    here = os.getcwd()
    os.chdir("b/g/e")
    os.rename(here + "/b", here + "/a/b")
    say("working directory", os.getcwd()[len(here):], os.stat("..").st_ino == os.stat(here + "/a/b/g").st_ino)
    os.chdir(here)
    for over in KINDS:
        for kind in ("dir", "regular"):
            make(kind, "n")
            make(over, "there")
            say(kind, "over", over, moved([".", "n"], lambda: os.rename("n", "there")), sorted(n for n in os.listdir(".") if n in ("n", "there")))
            for left in ("n", "there"):
                if os.path.lexists(left):
                    remove(left)
    say("missing over", tell(os.rename, "none", "a"), tell(os.rename, "none/", "x"), tell(os.rename, "a", "none/x"))


@case
def replacing_in_sticky_folders(say):
    """Who may rename over what, in a folder of which its owner, the target's owner and root may."""
    for kind in ("regular", "dir", "symlink", "fifo"):
        for folder in (OTHER, 0, 2):
            for target in (OTHER, 0, 2):
                os.mkdir("own", 0o755)
                os.chown("own", OTHER, OTHER)
                os.mkdir("t")
                os.chmod("t", 0o1777)
                os.chown("t", folder, folder)
                make(kind, "own/n")
                make(kind, "t/m")
                for name in ("own/n", "t/m"):
                    os.lchown(name, OTHER if name == "own/n" else target, OTHER)
                ino = os.lstat("own/n").st_ino
                say(kind, "folder of", folder, "target of", target, as_user(OTHER, OTHER, lambda: os.rename("own/n", "t/m")), os.lstat("t/m").st_ino == ino, os.path.lexists("own/n"))
                if os.path.lexists("own/n"):
                    say(kind, "beside it", as_user(OTHER, OTHER, lambda: os.rename("own/n", "t/x")))
                else:
                    say(kind, "and back", as_user(OTHER, OTHER, lambda: os.rename("t/m", "own/n")))
                shutil.rmtree("own")
                shutil.rmtree("t")


@case
def late_times(say):
    for kind in KINDS:
        make(kind, "n")
        for seconds in (1900000000, 2**31 - 2, 0, -1, -(2**31)):
            result = tell(lambda: os.utime("n", ns=(seconds * 10**9 + 100000000, (seconds + 1) * 10**9 + 200000000), follow_symlinks=False))
            found = os.lstat("n")
            say(kind, seconds, result, found.st_atime_ns - seconds * 10**9, found.st_mtime_ns - seconds * 10**9)
        # Python has 32 bits for a time on some machines.
        for seconds in (2**31, 2**32 - 1, 2**32, 2**33):
            done = subprocess.run(["touch", "-h", "-d", f"@{seconds}.25", "n"]).returncode
            say(kind, seconds, done, subprocess.run(["stat", "-c", "%.2X %.2Y", "n"], capture_output=True, text=True).stdout.strip())
        subprocess.run(["touch", "-h", "n"], check=True)
        remove("n")
    omit, now = 0x3FFFFFFE, 0x3FFFFFFF

    def set_times(*values, uid=0):
        buffer = ctypes.create_string_buffer(struct.pack("llll", *values))
        return as_user(uid, uid, lambda: system("utimensat", AT_FDCWD, b"f", buffer, 0))

    for mode, of in ((0o644, 0), (0o666, 0), (0o444, OTHER), (0o000, OTHER)):
        put("f")
        os.chmod("f", mode)
        os.chown("f", of, of)
        for name, values in {"both now": (0, now, 0, now), "now and omit": (0, now, 0, omit), "omit and now": (0, omit, 0, now), "both omit": (0, omit, 0, omit), "omit and set": (0, omit, 7, 0), "set and omit": (7, 0, 0, omit), "set": (7, 0, 8, 0), "wrong": (0, 10**9, 0, 0)}.items():
            os.utime("f", (3, 4))
            result = set_times(*values, uid=OTHER)
            found = os.stat("f")
            told = ["now" if t > 10**9 else int(t) for t in (found.st_atime, found.st_mtime)]
            say(oct(mode), "of", of, name, result, told)
        os.unlink("f")
    put("f")
    say("omit moves nothing", moved(["f"], lambda: set_times(0, omit, 0, omit), "mc"))


@case
def devices(say):
    for kind in ("block", "char"):
        for major, minor in ((1, 2), (0, 0), (255, 255), (300, 70000)):
            flag = stat.S_IFBLK if kind == "block" else stat.S_IFCHR
            result = moved(["."], lambda: os.mknod("n", flag | 0o755, os.makedev(major, minor)))
            found = os.lstat("n")
            say(kind, major, minor, result, os.major(found.st_rdev), os.minor(found.st_rdev), mode_of("n"), found.st_size)
            say(kind, "again", tell(os.mknod, "n", flag | 0o777, os.makedev(3, 4)))
            os.rename("n", "m")
            say(kind, "renamed", os.major(os.lstat("m").st_rdev), os.minor(os.lstat("m").st_rdev))
            os.unlink("m")
        say(kind, "by other", as_user(OTHER, OTHER, lambda: os.mknod("/proc/self/cwd/n", flag | 0o644, os.makedev(1, 3))))
    say("wrong kind", tell(os.mknod, "n", stat.S_IFDIR | 0o755), tell(os.mknod, "n", stat.S_IFLNK | 0o755))
    say("regular", tell(os.mknod, "n", stat.S_IFREG | 0o640), mode_of("n"), os.stat("n").st_nlink)


@case
def refused_changes(say):
    """What fails moves no time."""
    os.chmod(".", 0o755)
    for kind in KINDS:
        make(kind, "n", 0o644)
        works = {
            "rename": lambda: os.rename("n", "m"), "unlink": lambda: remove("n"), "chown": lambda: os.lchown("n", OTHER, -1), "link": lambda: os.link("n", "m", follow_symlinks=False),
            "utime": lambda: os.utime("n", (1, 1), follow_symlinks=False), "truncate": lambda: os.truncate("n", 0), "setxattr": lambda: os.setxattr("n", "user.k", b"v", follow_symlinks=False),
        }
        for name, work in works.items():
            say(kind, name, moved(["n", "."], lambda: as_user(OTHER, OTHER, work)), as_user(OTHER, OTHER, work))
        say(kind, "rmdir", moved(["n", "."], lambda: os.rmdir("n")) if kind != "dir" else "")
        if os.path.lexists("n"):
            remove("n")
    put("f", "text")
    fd = os.open("f", os.O_RDONLY)
    say("write", moved(["f"], lambda: os.write(fd, b"x")))
    say("ftruncate", moved(["f"], lambda: os.ftruncate(fd, 1)))
    os.close(fd)
    say("allocate", moved(["f"], lambda: os.posix_fallocate(os.open("f", os.O_WRONLY), 0, 0)))


@case
def large_files(say):
    fd = os.open("f", os.O_CREAT | os.O_RDWR)
    say("beyond 2 GiB", tell(os.pwrite, fd, b"a", 2**31 + 1), os.fstat(fd).st_size)
    say("read", os.pread(fd, 1, 2**31 + 1).decode())
    os.close(fd)
    os.unlink("f")


@case
def ends_of_paths(say):
    os.mkdir("d")
    put("f")
    os.symlink("d", "sd")
    os.symlink("f", "sf")
    os.symlink("none", "no")
    for name in ("d", "f", "sd", "sf", "no", "none"):
        for end in ("/", "/.", "/..", "//"):
            path = name + end
            say(
                path, tell(lambda: os.stat(path) and None), tell(lambda: os.lstat(path) and None), tell(os.rmdir, path) if name not in ("d", "sd") or end == "/.." or end == "/." else "",
                tell(os.unlink, path), tell(os.readlink, path), tell(lambda: os.close(os.open(path, os.O_RDONLY))), tell(lambda: os.close(os.open(path, os.O_WRONLY | os.O_CREAT))),
                tell(os.truncate, path, 0), tell(os.mkfifo, path), tell(os.symlink, "t", path), tell(os.rename, "f", path) if name not in ("f", "sf") else "",
            )
    say("left", sorted(os.listdir(".")))
    say("made with a slash", tell(os.mkdir, "none/"), tell(os.rename, "none/", "other/"), tell(os.rmdir, "other/"))
    say("made through a link", tell(os.mkdir, "no"), tell(os.mkdir, "no/"), sorted(os.listdir(".")))


@case
def made_again(say):
    """A name that was taken away and is made again is a new file, and what was renamed is what it was."""

    def attributes(name):
        found = os.lstat(name)
        told = ["now" if t > 15 * 10**17 else t for t in (found.st_atime_ns, found.st_mtime_ns)]
        return [oct(found.st_mode), owner(name), told, found.st_ctime_ns > 15 * 10**17, found.st_nlink if not stat.S_ISDIR(found.st_mode) else ""]

    makers = {
        "create": lambda: put("n", "new"), "exclusive": lambda: os.close(os.open("n", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o604)), "mknod": lambda: os.mknod("n", 0o620),
        "copy": lambda: shutil.copy("/etc/hostname", "n"), "rename": lambda: (put("t", "new"), os.rename("t", "n"))[0],
        "mkdir": lambda: os.mkdir("n", 0o750), "symlink": lambda: os.symlink("t", "n"), "fifo": lambda: os.mkfifo("n"),
    }
    for kind in ("regular", "dir", "symlink"):
        for taken in ("removed", "renamed", "renamed to a backup"):
            for name, work in makers.items():
                for uid in (0, OTHER) if name in ("create", "mkdir", "symlink") else (0,):
                    make(kind, "n", 0o751)
                    os.lchown("n", 123, 456)
                    if kind != "symlink":
                        os.chmod("n", 0o1711)
                    os.utime("n", ns=(10**18 + 5999, 10**18 + 123456789), follow_symlinks=False)
                    ino = os.lstat("n").st_ino
                    kept = {"renamed": "m", "renamed to a backup": "n~"}.get(taken)
                    remove("n") if kept is None else os.rename("n", kept)
                    say(kind, taken, name, uid, as_user(uid, uid, work), attributes("n"), os.lstat("n").st_ino == ino)
                    if kept is not None:
                        say(kind, taken, name, uid, "kept", attributes(kept), os.lstat(kept).st_ino == ino)
                        say(kind, taken, name, uid, "back", tell(os.rename, kept, "n"), attributes("n"), os.lstat("n").st_ino == ino)
                    for left in os.listdir("."):
                        remove(left)


def main():
    os.umask(0o022)
    wanted = sys.argv[1:]
    for work in cases:
        if wanted and work.__name__ not in wanted:
            continue
        shutil.rmtree("case", ignore_errors=True)
        os.mkdir("case")
        os.chmod("case", 0o777)
        os.chdir("case")

        def say(*parts, work=work):
            print(f"{work.__name__}:", *parts, flush=True)

        try:
            work(say)
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1].lineno
            say("ended", repr(error), "at line", where)
        os.chdir("..")
        os.umask(0o022)
        shutil.rmtree("case", ignore_errors=True)


main()
