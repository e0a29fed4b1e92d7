// A WASI program that prints the names of its preopened folders, its arguments and its environment, a line each.

import { compileText } from "#machine/wasm/text-module.ts";

/** Addresses: 0 an iovec, 8 its result, 16 a prestat or two sizes, 64 pointers, 4096 strings. */
const text = `
(module
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $stat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func $name (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $env_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $env (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 4)
  ;; Writes the bytes and a line end, which is put behind them.
  (func $line (param $at i32) (param $length i32)
    (i32.store8 (i32.add (local.get $at) (local.get $length)) (i32.const 10))
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (i32.add (local.get $length) (i32.const 1)))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
  ;; The strings from 4096 on, each of which ends in NUL.
  (func $lines (param $count i32)
    (local $at i32) (local $end i32)
    (local.set $at (i32.const 4096))
    (block $done (loop $next
      (br_if $done (i32.eqz (local.get $count)))
      (local.set $end (local.get $at))
      (loop $scan
        (if (i32.load8_u (local.get $end))
          (then (local.set $end (i32.add (local.get $end) (i32.const 1))) (br $scan))))
      (call $line (local.get $at) (i32.sub (local.get $end) (local.get $at)))
      (local.set $at (i32.add (local.get $end) (i32.const 1)))
      (local.set $count (i32.sub (local.get $count) (i32.const 1)))
      (br $next))))
  (func (export "_start")
    (local $fd i32)
    (local.set $fd (i32.const 3))
    (block $done (loop $next
      (br_if $done (call $stat (local.get $fd) (i32.const 16)))
      (drop (call $name (local.get $fd) (i32.const 4096) (i32.load (i32.const 20))))
      (call $line (i32.const 4096) (i32.load (i32.const 20)))
      (local.set $fd (i32.add (local.get $fd) (i32.const 1)))
      (br $next)))
    (drop (call $args_sizes (i32.const 16) (i32.const 20)))
    (drop (call $args (i32.const 64) (i32.const 4096)))
    (call $lines (i32.load (i32.const 16)))
    (drop (call $env_sizes (i32.const 16) (i32.const 20)))
    (drop (call $env (i32.const 64) (i32.const 4096)))
    (call $lines (i32.load (i32.const 16)))))`;

export function wasiListing(): Promise<Uint8Array> {
  return compileText(text);
}
