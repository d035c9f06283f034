/** What is known of hosts, and who is asking them now: one SQLite file for all processes of this machine and user. */
import type { DatabaseSync } from "node:sqlite"
import { mkdirSync } from "node:fs"
import { homedir } from "node:os"
import { dirname, join } from "node:path"
import { isAtWork, self } from "../file/owner.ts"
import { type HostPace, unknownHost } from "./pace.ts"

/** Where processes of one user meet. */
export const sharedHostBook = (): string =>
  join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "opendatahub-sql", "hosts-1.sqlite")

/** How a decision changes what is known; `enter` and `leave` keep the count of those who are asking. */
export interface Decision<A> {
  readonly value: A
  readonly pace: HostPace
  readonly enter?: boolean
}

/** A book of hosts. All calls are short transactions. */
export interface HostBook {
  readonly change: <A>(host: string, decide: (pace: HostPace, running: number) => Decision<A>) => A
  readonly leave: (host: string) => void
  readonly hosts: () => ReadonlyMap<string, HostPace>
  readonly close: () => void
}

const open = (path: string): DatabaseSync => {
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite")
  if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const database = new DatabaseSync(path, { timeout: 5_000 })
  try {
    // What is lost in a power cut is learnt again.
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;
      CREATE TABLE IF NOT EXISTS host (name TEXT PRIMARY KEY, pace TEXT NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS asking (host TEXT NOT NULL, machine TEXT NOT NULL, pid INTEGER NOT NULL, since TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
      CREATE INDEX IF NOT EXISTS asking_host ON asking (host)`)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** Opens the book; one that cannot be opened (a read-only home) is kept in memory: politeness is never a reason to fail. */
const openAnyway = (path: string): DatabaseSync => {
  try {
    return open(path)
  } catch {
    return open(":memory:")
  }
}

/** Opens the book at `path`, or a book of this layer alone with `:memory:`. */
export const openHostBook = (path: string, perHost: number): HostBook => {
  const database = openAnyway(path)
  const paceOf = database.prepare("SELECT pace FROM host WHERE name = ?")
  const keep = database.prepare("INSERT INTO host VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET pace = excluded.pace")
  const asking = database.prepare("SELECT rowid AS id, machine, pid, since, at FROM asking WHERE host = ?")
  const enter = database.prepare("INSERT INTO asking VALUES (?, ?, ?, ?, ?)")
  const remove = database.prepare("DELETE FROM asking WHERE rowid = ?")
  const leave = database.prepare(
    "DELETE FROM asking WHERE rowid = (SELECT rowid FROM asking WHERE host = ? AND machine = ? AND pid = ? AND since = ? LIMIT 1)",
  )

  const read = (pace: unknown): HostPace => {
    const known = unknownHost(perHost)
    if (typeof pace !== "string") return known
    const kept = JSON.parse(pace) as HostPace
    return { ...known, ...kept, ceiling: Math.min(kept.ceiling, perHost) }
  }

  /** Those who are asking; the turns of processes that ended are given back. */
  const running = (host: string): number => {
    let count = 0
    for (const { id, machine, pid, since, at } of asking.all(host)) {
      const owner = { host: String(machine), pid: Number(pid), since: String(since) }
      if (isAtWork(owner, Date.now() - Number(at))) count += 1
      else remove.run(Number(id))
    }
    return count
  }

  return {
    change: (host, decide) => {
      database.exec("BEGIN IMMEDIATE")
      try {
        const before = paceOf.get(host)?.["pace"]
        const decided = decide(read(before), running(host))
        const after = JSON.stringify(decided.pace)
        if (after !== before) keep.run(host, after)
        if (decided.enter === true) enter.run(host, self.host, self.pid, self.since, Date.now())
        database.exec("COMMIT")
        return decided.value
      } catch (error) {
        database.exec("ROLLBACK")
        throw error
      }
    },
    leave: (host) => void leave.run(host, self.host, self.pid, self.since),
    hosts: () =>
      new Map(
        database
          .prepare("SELECT name, pace FROM host ORDER BY name")
          .all()
          .map(({ name, pace }) => [String(name), read(pace)]),
      ),
    close: () => database.close(),
  }
}
