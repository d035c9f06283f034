/**
 * Bytes from a stream into a query through a named pipe: no copy on disk, and the pipe holds the stream back. What can go wrong, and what is
 * done about it:
 * - the query fails before it opens the pipe: the writer is interrupted;
 * - the stream fails, or all is interrupted, before the query opened the pipe: the engine sits in `open(2)`, which its interrupt does not
 *   reach, so the pipe is opened and closed for it until the query has ended;
 * - the query stops early: writing fails with EPIPE, which is no error of the stream;
 * - the stream fails half way: the engine sees an end of file and may well succeed, so its result is thrown away.
 */
import { EngineError, terminal } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import { execFile } from "node:child_process"
import { close, constants, openSync } from "node:fs"
import { open } from "node:fs/promises"
import { Socket } from "node:net"
import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { promisify } from "node:util"
import { engineError } from "../database/failure.ts"

/**
 * A running query takes one of libuv's threads, and so does every read of the stream's file: pipes that took them all would wait for ever.
 * The default pool has four.
 */
const threads = Number(process.env["UV_THREADPOOL_SIZE"] ?? 4)
const pipes = Semaphore.makeUnsafe(2)
const canPipe = process.platform !== "win32" && threads >= 4

/** What became of the stream. */
type Progress = "running" | "complete" | "failed"

const openWhenRead = (path: string): Effect.Effect<number, EngineError> =>
  Effect.tryPromise({
    try: async (signal) => {
      for (;;) {
        try {
          return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
        } catch (cause) {
          // ENXIO: nobody reads yet.
          if ((cause as NodeJS.ErrnoException).code !== "ENXIO") throw cause
          await wait(2, undefined, { signal })
        }
      }
    },
    catch: (cause) => engineError("pipe", "open the pipe to the engine", cause),
  })

const write = (socket: Socket, chunk: Uint8Array): Effect.Effect<void, EngineError> =>
  Effect.callback((resume) => {
    socket.write(chunk, (cause) => {
      if (cause === null || cause === undefined) resume(Effect.void)
      else resume(Effect.fail(engineError("pipe", "write to the engine", cause)))
    })
  })

const closed = (socket: Socket): Effect.Effect<void> =>
  Effect.callback((resume) => {
    if (socket.closed) return resume(Effect.void)
    socket.once("close", () => resume(Effect.void))
    socket.destroy()
  })

const isBrokenPipe = (error: EngineError): boolean =>
  error.message.includes("EPIPE") || error.message.includes("ECONNRESET")

const socketOf = (fd: number): Socket => {
  const socket = new Socket({ fd, readable: false, writable: true })
  // Errors reach the callback of the write; without a listener they would end the process.
  return socket.on("error", () => undefined)
}

const writeAll = <E>(
  path: string,
  bytes: Stream.Stream<Uint8Array, E>,
  report: (progress: Progress) => void,
): Effect.Effect<void, E | EngineError> =>
  Effect.acquireRelease(Effect.map(openWhenRead(path), socketOf), closed, { interruptible: true }).pipe(
    Effect.flatMap((socket) =>
      Stream.runForEach(bytes, (chunk) => (chunk.length === 0 ? Effect.void : write(socket, chunk))),
    ),
    Effect.andThen(Effect.sync(() => report("complete"))),
    Effect.catchIf(
      (error): error is E & EngineError => error instanceof EngineError && isBrokenPipe(error),
      () => Effect.void,
    ),
    Effect.tapCause(() => Effect.sync(() => report("failed"))),
    Effect.scoped,
  )

/** Lets a query go that waits in `open(2)` for a writer; stops when asked. */
const release = (path: string): (() => void) => {
  const letGo = (): void => {
    try {
      const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
      close(fd, () => undefined)
    } catch {
      // Nobody waits, or the pipe is gone.
    }
  }
  letGo()
  const timer = setInterval(letGo, 10)
  return () => clearInterval(timer)
}

const stoppedEarly = new EngineError({
  plugin: "duckdb",
  operation: "pipe",
  message: "could not read the table: the engine stopped before the end of its input",
  reason: terminal,
})

const throughPipe = <A, E, E2>(
  path: string,
  bytes: Stream.Stream<Uint8Array, E>,
  query: Effect.Effect<A, E2>,
  allOfIt: boolean,
): Effect.Effect<A, E | E2 | EngineError> => {
  let progress: Progress = "running"
  const report = (to: Progress): void => {
    progress = to
  }
  return Effect.acquireUseRelease(
    Effect.all({ query: Effect.forkDetach(query), writer: Effect.forkDetach(writeAll(path, bytes, report)) }),
    ({ query: running, writer }) => {
      const broken = Effect.andThen(Fiber.join(writer), Effect.never)
      return Effect.raceFirst(Fiber.join(running), broken).pipe(
        Effect.flatMap((result): Effect.Effect<A, E | E2 | EngineError> => {
          if (!allOfIt || progress === "complete") return Effect.succeed(result)
          return progress === "failed"
            ? Effect.andThen(Fiber.join(writer), Effect.fail(stoppedEarly))
            : Effect.fail(stoppedEarly)
        }),
      )
    },
    ({ query: running, writer }) =>
      Effect.gen(function* () {
        yield* Fiber.interrupt(writer)
        const stop = release(path)
        yield* Fiber.interrupt(running)
        stop()
      }),
  )
}

const spool = <E>(path: string, bytes: Stream.Stream<Uint8Array, E>): Effect.Effect<void, E | EngineError> =>
  Effect.acquireUseRelease(
    Effect.tryPromise({
      try: () => open(path, "w"),
      catch: (cause) => engineError("pipe", "write a temporary file", cause),
    }),
    (file) =>
      Stream.runForEach(bytes, (chunk) =>
        Effect.tryPromise({
          try: () => file.writeFile(chunk),
          catch: (cause) => engineError("pipe", "write a temporary file", cause),
        }),
      ),
    (file) => Effect.promise(() => file.close()),
  )

let serial = 0

/**
 * Runs `query` on the path of a pipe in `folder` that carries `bytes`; a temporary file where there are no pipes. With `allOfIt` it is an
 * error when the query ends before the stream does.
 */
export const pipeInto = <A, E, E2>(
  folder: string,
  bytes: Stream.Stream<Uint8Array, E>,
  query: (path: string) => Effect.Effect<A, E2>,
  allOfIt: boolean,
): Effect.Effect<A, E | E2 | EngineError> => {
  const path = join(folder, `pipe-${serial++}`)
  const makePipe = Effect.tryPromise({ try: () => promisify(execFile)("mkfifo", [path]), catch: (cause) => cause })
  const throughFile = Effect.andThen(spool(path, bytes), query(path))
  if (!canPipe) return throughFile
  return pipes.withPermits(1)(
    Effect.matchEffect(makePipe, {
      onFailure: () => throughFile,
      onSuccess: () => throughPipe(path, bytes, query(path), allOfIt),
    }),
  )
}
