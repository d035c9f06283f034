/**
 * A process that works on a lake, to be killed. Arguments: the place as JSON, the run, and after which call to the disk, the state or the store it kills itself (0: never).
 * Each step that can leave a trace counts: that is every call of these functions. Ends with the number of calls on its standard output.
 */
import fs from "node:fs"
import http from "node:http"
import { syncBuiltinESMExports } from "node:module"
import { DatabaseSync, StatementSync } from "node:sqlite"

const [place = "", run = "", killAt = "0"] = process.argv.slice(2)

let calls = 0
const counted = (owner: object, name: string): void => {
  const original: unknown = Reflect.get(owner, name)
  if (typeof original !== "function") throw new TypeError(`${name} is no function`)
  Reflect.set(owner, name, function (this: unknown, ...args: ReadonlyArray<unknown>): unknown {
    calls += 1
    if (calls === Number(killAt)) process.kill(process.pid, "SIGKILL")
    return Reflect.apply(original, this, args)
  })
}
const probe = await fs.promises.open(process.argv[1] ?? "", "r")
for (const name of ["writeFile", "sync"]) counted(Object.getPrototypeOf(probe) as object, name)
await probe.close()
for (const name of ["open", "link", "mkdir", "chmod", "rm", "rename", "copyFile"]) counted(fs.promises, name)
for (const name of ["openSync", "writeSync", "fsyncSync", "mkdirSync"]) counted(fs, name)
counted(DatabaseSync.prototype, "exec")
counted(StatementSync.prototype, "run")
counted(http, "request")
syncBuiltinESMExports()

const { work } = await import("./work.ts")
const { placeOf } = await import("./scene.ts")
await work(placeOf(place), run)
process.stdout.write(`${calls}\n`)
