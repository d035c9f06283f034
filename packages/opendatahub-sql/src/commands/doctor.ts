/** `odh doctor`: what would stop a run, before it runs. */
import { openDatabase } from "@opendatahub-sql/engine-duckdb"
import { openHostBook, sharedHostBook } from "@opendatahub-sql/fetch"
import { WorkFolder } from "@opendatahub-sql/core"
import type { Hub } from "@opendatahub-sql/core/config"
import { runs } from "@opendatahub-sql/lake"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { access, constants, mkdir, statfs } from "node:fs/promises"
import { tmpdir } from "node:os"
import type { Work } from "../cli/command.ts"
import { bytesText, instantText } from "../cli/numbers.ts"
import { tableText } from "../cli/output.ts"
import { lakePlace } from "../lake-place.ts"
import { version } from "../version.ts"

interface Finding {
  readonly check: string
  readonly ok: boolean
  readonly found: string
}

const LEAST_NODE = [22, 19] as const
const LEAST_FREE_BYTES = 1_000_000_000

const node = (): Finding => {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
  const ok = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1])
  return {
    check: "Node",
    ok,
    found: ok ? process.versions.node : `${process.versions.node}: install ${LEAST_NODE.join(".")} or newer`,
  }
}

const folder = (path: string, check: string): Effect.Effect<Finding> =>
  Effect.promise(async () => {
    try {
      await mkdir(path, { recursive: true })
      await access(path, constants.W_OK)
      const { bavail, bsize } = await statfs(path)
      const free = bavail * bsize
      return { check, ok: free >= LEAST_FREE_BYTES, found: `${path}, ${bytesText(free)} free` }
    } catch (error) {
      return {
        check,
        ok: false,
        found: `${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      }
    }
  })

/** The folder of the lake, or the store and the folder of this machine that goes with it. */
const lakeOf = (hub: Hub): Effect.Effect<ReadonlyArray<Finding>> => {
  const place = lakePlace(hub)
  if (typeof place === "string") return Effect.map(folder(place, "lake"), (one) => [one])
  const { location } = place
  const store = Effect.map(Effect.result(runs(place, 1)), (result): Finding => {
    if (Result.isSuccess(result)) return { check: "lake", ok: true, found: location }
    const { message } = result.failure
    const isNew = message.startsWith("there is no lake at")
    return { check: "lake", ok: isNew, found: isNew ? `${location}, empty: \`odh sync\` begins it` : message }
  })
  return Effect.all([store, folder(place.folder, "work folder")])
}

const tried = <A>(
  check: string,
  effect: Effect.Effect<A, { readonly message: string }>,
  found: (value: A) => string,
): Effect.Effect<Finding> =>
  Effect.map(Effect.result(effect), (result) =>
    Result.isSuccess(result)
      ? { check, ok: true, found: found(result.success) }
      : { check, ok: false, found: result.failure.message },
  )

/** Hosts whose circuit is open: no request goes there until then. */
const hosts = (now: number): Finding => {
  const book = openHostBook(sharedHostBook(), 1)
  const down = [...book.hosts()].filter(([, pace]) => pace.openUntil > now)
  book.close()
  return {
    check: "hosts",
    ok: true,
    found:
      down.length === 0
        ? "none is left alone"
        : down
            .map(
              ([host, { why, openUntil }]) =>
                `${host} is left alone until ${instantText(new Date(openUntil).toISOString())} (${why})`,
            )
            .join("; "),
  }
}

/** Exit 78 when something must be mended. */
export const work: Work = ({ output, hub: config }) =>
  Effect.gen(function* () {
    const engine = tried(
      "engine",
      Effect.scoped(
        Effect.gen(function* () {
          const database = yield* openDatabase({ workFolder: tmpdir() })
          const connection = yield* database.connect
          return yield* connection.one("select version() as version")
        }),
      ),
      (row) => `DuckDB ${String(row["version"])}`,
    )
    const hub = yield* Effect.result(config)
    const findings: Array<Finding> = [{ check: "odh", ok: true, found: version }, node(), yield* engine]
    if (Result.isFailure(hub)) {
      findings.push({
        check: "configuration",
        ok: false,
        found: hub.failure.issues.map((issue) => `${issue.path} ${issue.message}`.trim()).join("; "),
      })
    } else {
      const { sources, readers, sinks } = hub.success
      findings.push(
        {
          check: "configuration",
          ok: true,
          found: `sources ${sources.map((one) => one.id).join(", ")}; formats ${readers.map((one) => one.id).join(", ")}`,
        },
        ...(yield* lakeOf(hub.success)),
        hosts(yield* Clock.currentTimeMillis),
      )
      for (const sink of sinks) {
        findings.push(
          yield* tried(
            sink.target,
            Effect.scoped(Effect.provideService(sink.open, WorkFolder, tmpdir())).pipe(Effect.asVoid),
            () => "opens",
          ),
        )
      }
    }
    output.result(findings, () =>
      tableText(
        ["check", "", "found"],
        findings.map((one) => [one.check, one.ok ? "ok" : "NOT OK", one.found]),
      ),
    )
    return findings.every((one) => one.ok) ? 0 : 78
  })
