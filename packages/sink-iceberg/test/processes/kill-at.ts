/**
 * Loaded before a writer: kills the process at one of its calls to the disk or to the catalog. `KILL_AT` is the number of the call, from 1; an even
 * one has begun when the kill comes. `KILL_COUNT` is a file that gets the number of calls of a whole run. Calls count once the writer says `start`.
 */
import fs from "node:fs"
import { syncBuiltinESMExports } from "node:module"
import { DatabaseSync, StatementSync } from "node:sqlite"

const killAt = Number(process.env["KILL_AT"] ?? 0)
const report = process.env["KILL_COUNT"]
let calls = 0
let isCounting = false
process.on("start-counting", () => (isCounting = true))

const counted = (owner: object, name: string): void => {
  const original: unknown = Reflect.get(owner, name)
  if (typeof original !== "function") throw new TypeError(`${name} is no function`)
  Reflect.set(owner, name, function (this: unknown, ...args: ReadonlyArray<unknown>): unknown {
    if (!isCounting) return Reflect.apply(original, this, args)
    calls += 1
    if (calls !== killAt) return Reflect.apply(original, this, args)
    if (killAt % 2 === 0) Reflect.apply(original, this, args)
    process.kill(process.pid, "SIGKILL")
    return undefined
  })
}

const probe = await fs.promises.open(process.argv[1] ?? "", "r")
for (const name of ["writeFile", "sync"]) counted(Object.getPrototypeOf(probe) as object, name)
await probe.close()
for (const name of ["open", "mkdir", "rm", "rename", "writeFile"]) counted(fs.promises, name)
counted(DatabaseSync.prototype, "exec")
counted(StatementSync.prototype, "run")
syncBuiltinESMExports()
process.on("exit", () => {
  if (report !== undefined) fs.writeFileSync(report, String(calls))
})
