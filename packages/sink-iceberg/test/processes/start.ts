/** Starts writers of their own. */
import type { IcebergOptions } from "@opendatahub-sql/sink-iceberg"
import { spawn } from "node:child_process"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** A writer's end: its exit code, or the signal that killed it. */
export const startWriter = (
  options: IcebergOptions,
  name: string,
  day: string,
  count: number,
  env: Readonly<Record<string, string>> = {},
): Promise<number | string> =>
  new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [
        "--conditions=@opendatahub-sql/source",
        ...((env["KILL_AT"] ?? env["KILL_COUNT"]) ? ["--import", join(import.meta.dirname, "kill-at.ts")] : []),
        join(import.meta.dirname, "writer.ts"),
        JSON.stringify(options),
        name,
        day,
        String(count),
      ],
      {
        env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), "odh-test-compile-cache"), ...env },
        stdio: ["ignore", "inherit", "inherit"],
      },
    )
    child.on("error", reject)
    child.on("close", (code, signal) => resolve(code ?? signal ?? "nothing"))
  })
