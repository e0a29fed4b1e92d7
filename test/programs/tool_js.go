// What only a program of GOOS=js can try.

package main

import (
	"fmt"
	"syscall/js"
)

// What a program can reach of the world around it.
func escape() {
	global := js.Global()
	for _, name := range []string{"window", "self", "globalThis", "fetch", "indexedDB", "postMessage", "require", "WebAssembly", "eval", "Function"} {
		if !global.Get(name).IsUndefined() {
			fmt.Println("reached", name)
		}
	}
	for _, value := range []js.Value{global.Get("Object"), global.Get("fs").Get("open")} {
		if !value.Get("constructor").IsUndefined() {
			fmt.Println("reached Function")
		}
	}
	fmt.Println("done", js.Global().Get("Math").Call("max", 1, 7).Int())
}
