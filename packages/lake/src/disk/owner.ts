/** Which process something belongs to, and whether that process still lives. */
import { readFileSync, readlinkSync } from "node:fs"
import { hostname } from "node:os"

/** A process: `host` tells apart machines and containers, `started` two processes that had the same `pid` (empty where it cannot be known). */
export interface Owner {
  readonly host: string
  readonly pid: number
  readonly started: string
}

const textOf = (read: () => string): string => {
  try {
    return read().trim()
  } catch {
    return ""
  }
}

/** Field 22 of `/proc/<pid>/stat`, in clock ticks since boot (proc(5)); the command name before it may hold spaces and parentheses. */
const startOf = (pid: number): string => {
  const stat = textOf(() => readFileSync(`/proc/${pid}/stat`, "utf8"))
  const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? ""
  return ticks === ""
    ? ""
    : `${textOf(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8")).slice(0, 8)}.${ticks}`
}

/** This process. In a container the process-id namespace is part of the host: its ids mean nothing outside. */
export const thisProcess = (): Owner => {
  const namespace = textOf(() => readlinkSync("/proc/self/ns/pid")).replaceAll(/\D/g, "")
  const host = namespace === "" ? hostname() : `${hostname()}.${namespace}`
  return { host: host.slice(-80), pid: process.pid, started: startOf(process.pid) }
}

const exists = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return typeof error === "object" && error !== null && "code" in error && error.code === "EPERM"
  }
}

/** Whether a process lives; `unknown` on another host, and where a start time that would unmask a reused id cannot be known. */
export const liveness = (owner: Owner, here: Owner = thisProcess()): "alive" | "dead" | "unknown" => {
  if (owner.host !== here.host) return "unknown"
  if (!exists(owner.pid)) return "dead"
  const started = startOf(owner.pid)
  if (started === "" || owner.started === "") return owner.pid === here.pid ? "alive" : "unknown"
  return started === owner.started ? "alive" : "dead"
}
