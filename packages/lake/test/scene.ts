/** Where the tests that hold for every storage put their lakes. */
import type { LakePlace } from "@opendatahub-sql/lake"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { spawn } from "node:child_process"

/** One kind of storage. */
export interface Scene {
  /** A place for a new lake. */
  readonly place: Effect.Effect<LakePlace, never, Scope.Scope>
  /** The same lake as another machine finds it. */
  readonly elsewhere: (place: LakePlace) => Effect.Effect<LakePlace, never, Scope.Scope>
  /** All files, straight from the disk or the store, before any process mends anything. */
  readonly files: (place: LakePlace) => Effect.Effect<ReadonlyMap<string, Buffer>>
  /** Stores other bytes in the place of a file's, or none. */
  readonly damage: (place: LakePlace, path: string, bytes: Buffer | undefined) => Effect.Effect<void>
  /** How many times processes are killed, at points that a seed chooses. */
  readonly kills: number
}

/** A place as an argument of a process. */
export const argumentOf = (place: LakePlace): string =>
  JSON.stringify(
    typeof place === "string"
      ? place
      : {
          ...place,
          store: {
            ...place.store,
            credentials: {
              accessKeyId: place.store?.credentials?.accessKeyId,
              secretAccessKey:
                place.store?.credentials === undefined ? "" : Redacted.value(place.store.credentials.secretAccessKey),
            },
          },
        },
  )

/** The place in an argument. */
export const placeOf = (argument: string): LakePlace =>
  JSON.parse(argument, (key, value: unknown) => (key === "secretAccessKey" ? Redacted.make(value) : value)) as LakePlace

const WORKER = new URL("./worker.ts", import.meta.url).pathname

/** How a worker ended. */
export interface Ended {
  readonly signal: string | null
  readonly output: string
  readonly errors: string
}

/** Runs a worker in a process of its own. `killAt`: the call before which it kills itself. */
export const runWorker = (place: LakePlace, run: string, killAt = 0): Effect.Effect<Ended> =>
  Effect.callback<Ended>((resume) => {
    const child = spawn(
      process.execPath,
      ["--conditions=@opendatahub-sql/source", WORKER, argumentOf(place), run, String(killAt)],
      { stdio: ["ignore", "pipe", "pipe"] },
    )
    let output = ""
    let errors = ""
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString()
    })
    child.stderr.on("data", (chunk: Buffer) => {
      errors += chunk.toString()
    })
    child.on("close", (_code, signal) => resume(Effect.succeed({ signal, output, errors })))
  })
