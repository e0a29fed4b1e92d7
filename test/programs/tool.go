// A Go program for the tests (GOOS=js and GOOS=wasip1): one command a run, each says what it saw.

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

func check(ok bool, what string, err error) {
	if !ok {
		fmt.Printf("failed: %s (%v)\n", what, err)
		os.Exit(1)
	}
}

func args() {
	for _, arg := range os.Args {
		fmt.Printf("[%s]\n", arg)
	}
	cwd, _ := os.Getwd()
	fmt.Printf("COLOUR=%s cwd=%s\n", os.Getenv("COLOUR"), cwd)
}

func files() {
	err := os.Mkdir("d", 0o777)
	check(err == nil, "mkdir", err)
	check(errors.Is(os.Mkdir("d", 0o777), fs.ErrExist), "mkdir again", nil)
	err = os.WriteFile("d/a", []byte("hello world"), 0o644)
	check(err == nil, "write", err)
	_, err = os.ReadFile("d/none")
	check(errors.Is(err, fs.ErrNotExist), "read nothing", err)
	file, err := os.OpenFile("d/a", os.O_RDWR|os.O_APPEND, 0)
	check(err == nil, "open", err)
	_, err = file.WriteString("!")
	check(err == nil, "append", err)
	part := make([]byte, 5)
	_, err = file.ReadAt(part, 6)
	check(err == nil && string(part) == "world", "read at", err)
	check(file.Truncate(5) == nil && file.Sync() == nil && file.Close() == nil, "truncate", nil)
	info, err := os.Stat("d/a")
	check(err == nil && info.Size() == 5 && info.Mode().IsRegular(), "stat", err)
	when := time.Unix(1234567890, 0)
	check(os.Chtimes("d/a", when, when) == nil, "chtimes", nil)
	info, _ = os.Stat("d/a")
	check(info.ModTime().Equal(when), "mtime", nil)
	check(os.Chmod("d/a", 0o600) == nil, "chmod", nil)
	check(os.Symlink("a", "d/link") == nil, "symlink", nil)
	target, err := os.Readlink("d/link")
	check(err == nil && target == "a", "readlink", err)
	info, err = os.Lstat("d/link")
	check(err == nil && info.Mode()&fs.ModeSymlink != 0, "lstat", err)
	check(os.Rename("d/a", "d/b") == nil, "rename", nil)
	entries, err := os.ReadDir("d")
	check(err == nil && len(entries) == 2 && entries[0].Name() == "b", "readdir", err)
	check(os.Chdir("d") == nil, "chdir", nil)
	cwd, _ := os.Getwd()
	check(strings.HasSuffix(cwd, "/d"), "getwd", nil)
	content, err := os.ReadFile("b")
	check(err == nil && string(content) == "hello", "read in the new directory", err)
	check(errors.Is(os.Chdir("nowhere"), fs.ErrNotExist), "chdir to nothing", nil)
	check(os.Chdir("..") == nil && os.RemoveAll("d") == nil, "remove all", nil)
	check(os.Remove("d") != nil, "remove again", nil)
	big := bytes.Repeat([]byte("0123456789abcdef"), 40_000)
	check(os.WriteFile("big", big, 0o644) == nil, "write much", nil)
	read, err := os.ReadFile("big")
	check(err == nil && bytes.Equal(read, big) && os.Remove("big") == nil, "read much", err)
	fmt.Println("ok")
}

// Goroutines go on while standard input is waited for.
func clockAndInput() {
	lines := make(chan string)
	go func() {
		scanner := bufio.NewScanner(os.Stdin)
		for scanner.Scan() {
			lines <- scanner.Text()
		}
		close(lines)
	}()
	ticks := 0
	ticker := time.NewTicker(5 * time.Millisecond)
	for {
		select {
		case line, more := <-lines:
			if !more {
				fmt.Println("bye")
				return
			}
			fmt.Printf("%s while the clock ticked: %v\n", line, ticks > 0)
		case <-ticker.C:
			ticks++
			if ticks == 1 {
				fmt.Println("ready")
			}
		}
	}
}

func workers() {
	var group sync.WaitGroup
	results := make([]int, 20)
	for i := range results {
		group.Add(1)
		go func(i int) {
			defer group.Done()
			time.Sleep(time.Duration(i%3) * time.Millisecond)
			results[i] = i * i
		}(i)
	}
	group.Wait()
	fmt.Println(results)
}

func main() {
	command, first := "", ""
	if len(os.Args) > 1 {
		command = os.Args[1]
	}
	if len(os.Args) > 2 {
		first = os.Args[2]
	}
	switch command {
	case "args":
		args()
	case "cat":
		_, err := io.Copy(os.Stdout, os.Stdin)
		check(err == nil, "copy", err)
	case "files":
		files()
	case "input":
		clockAndInput()
	case "workers":
		workers()
	case "escape":
		escape()
	case "exit":
		code, _ := strconv.Atoi(first)
		os.Exit(code)
	case "both":
		fmt.Println("to output")
		fmt.Fprintln(os.Stderr, "to error")
	case "panic":
		panic("on purpose")
	case "deadlock":
		var lock sync.Mutex
		lock.Lock()
		lock.Lock()
	case "forever":
		fmt.Println("started")
		for {
		}
	case "socket":
		_, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
		fmt.Println(err != nil)
	default:
		fmt.Fprintln(os.Stderr, "no such command:", command)
		os.Exit(2)
	}
}
