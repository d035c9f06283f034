import { hostname } from "node:os"

/** The process that writes a partial file. `since` tells two processes of the same number apart, as containers have them. */
export interface Owner {
  readonly host: string
  readonly pid: number
  readonly since: string
}

/** This process. */
export const self: Owner = { host: hostname(), pid: process.pid, since: new Date(performance.timeOrigin).toISOString() }

/** A partial file untouched for so long, in milliseconds, has no writer any more: its number may be another process by now. */
const abandonedAfter = 3_600_000

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM"
  }
}

/** Whether somebody may still be writing. `untouched` is the time since the last sign of life, in milliseconds. When in doubt, yes. */
export const isAtWork = (owner: Owner | null, untouched: number): boolean => {
  if (owner === null) return false
  if (owner.host === self.host && owner.pid === self.pid) return owner.since === self.since
  if (untouched > abandonedAfter) return false
  return owner.host !== self.host || isRunning(owner.pid)
}
