// A program of WASI has no JavaScript to reach.

package main

func escape() {}
