/** A thousand resources on fifty hosts, against `curl --parallel`: time on the clock, with the bytes and the politeness checked. */
import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { interleave, ratioOf } from "../measure/pairs.ts"
import { measure, measureWithOutput } from "../measure/usage.ts"
import type { Outcome, Setting } from "../outcome.ts"
import { HOSTS, isMissing, PER_HOST, RESOURCES, sha256Of, urlOf } from "./resource.ts"

const limit = 1.5
const numbers = Array.from({ length: RESOURCES }, (_, number) => number)

interface Report {
  readonly requests: number
  readonly hosts: number
  readonly mostAtOnce: number
}

const startServer = async () => {
  const server = spawn(process.execPath, [join(import.meta.dirname, "server.ts")], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  const port = await new Promise<number>((resolve) =>
    server.stdout.once("data", (line: Buffer) => resolve(Number(line))),
  )
  return { port, stop: () => server.kill() }
}

const differences = (results: ReadonlyArray<string | undefined>): ReadonlyArray<string> =>
  numbers.flatMap((number) => {
    const result = results[number] ?? "nothing"
    const right = isMissing(number) ? !/^[0-9a-f]{64}$/.test(result) : result === sha256Of(number)
    return right ? [] : [`resource ${number}: ${result}`]
  })

/** Both sides bring every file to the disk; ours also hashes and syncs it. */
export const fetchMany = async ({ folder, pairs: count, note }: Setting): Promise<ReadonlyArray<Outcome>> => {
  note(`fetch: ${count} pairs of ${RESOURCES} resources on ${HOSTS} hosts`)
  const { port, stop } = await startServer()
  const problems: Array<string> = []
  let runs = 0
  const started = async (side: string) => {
    const run = `${side}${runs++}`
    const target = join(folder, run)
    await mkdir(target)
    return { run, target }
  }
  const ours = async () => {
    const { run, target } = await started("ours")
    const { output, ...usage } = await measureWithOutput([
      process.execPath,
      "--conditions=@opendatahub-sql/source",
      join(import.meta.dirname, "download.ts"),
      String(port),
      run,
      target,
    ])
    problems.push(...differences(JSON.parse(output) as ReadonlyArray<string>))
    const answer = await fetch(`http://127.0.0.1:${port}/report/${run}`)
    const { mostAtOnce } = (await answer.json()) as Report
    if (mostAtOnce > PER_HOST) problems.push(`${mostAtOnce} requests at once to one host, the limit is ${PER_HOST}`)
    return usage
  }
  const curl = async () => {
    const { run, target } = await started("curl")
    const config = numbers
      .map((number) => `url = "${urlOf(port, run, number)}"\noutput = "${join(target, String(number))}"`)
      .join("\n")
    await writeFile(join(target, "config"), config)
    // A resource that is missing makes curl end with an error, after the others.
    const command = `curl --silent --fail --parallel --parallel-max 100 --retry 3 --retry-all-errors --connect-to ::127.0.0.1:${port} --config config; true`
    const usage = await measure(["sh", "-c", command], target)
    const results = await Promise.all(
      numbers.map((number) =>
        readFile(join(target, String(number))).then(
          (bytes) => createHash("sha256").update(bytes).digest("hex"),
          () => "nothing",
        ),
      ),
    )
    const wrong = differences(results)
    if (wrong.length > 0) note(`curl: ${wrong.length} resources wrong`)
    return usage
  }
  try {
    const pairs = await interleave(count, ours, curl)
    const promises = [{ what: "time", value: ratioOf(pairs, ({ wall }) => wall), limit, unit: "x" }] as const
    return [
      {
        benchmark: "fetch",
        subject: `${RESOURCES} resources, ${HOSTS} hosts, 5 % hostile`,
        pairs,
        runs: [],
        promises,
        problems,
      },
    ]
  } finally {
    stop()
  }
}
