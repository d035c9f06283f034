/** The same history by dlt (scd2) and dbt (a snapshot), each in one process: CPU, and whether every state comes back. */
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { makePythonEnvironment } from "../../../scripts/python-environment.ts"
import { ask, literal } from "../../measure/duckdb.ts"
import { ratioOf } from "../../measure/pairs.ts"
import { measureWithOutput, type Usage } from "../../measure/usage.ts"
import type { Outcome, Setting } from "../../outcome.ts"
import { writeStates } from "./states.ts"

const benchmark = "history-peers"
const requirements = "bench/history/peers/requirements.txt"
const script = (name: string): string => join(import.meta.dirname, name)

interface Peer {
  readonly name: string
  readonly command: (folder: string, database: string, files: ReadonlyArray<string>) => ReadonlyArray<string>
  /** SQL of the state after each file. */
  readonly states: (output: string, files: ReadonlyArray<string>) => ReadonlyArray<string>
}

const dayOf = (index: number): string => `'2026-01-${String(index + 1).padStart(2, "0")}T12:00:00Z'`

const ours: Peer = {
  name: "ours",
  command: (_, database, files) => [
    process.execPath,
    "--conditions=@opendatahub-sql/source",
    script("../load.ts"),
    database,
    ...files,
  ],
  states: (_, files) => files.map((__, index) => `as_of('t', ${dayOf(index)})`),
}
const plain: Peer = {
  name: "plain DuckDB",
  command: (_, database, files) => [process.execPath, script("anti-join.ts"), database, ...files],
  states: (_, files) =>
    files.map(
      (__, index) =>
        `(from came c anti join went w on c.h = w.h and c.occurrence = w.occurrence and w.day > c.day and w.day <= ${index} where c.day <= ${index})`,
    ),
}
const peers = (python: string): ReadonlyArray<Peer> => [
  {
    name: "dlt scd2",
    command: (folder, database, files) => [python, script("dlt_scd2.py"), folder, database, ...files],
    states: (_, files) =>
      files.map(
        (__, index) =>
          `(from s.t where _dlt_valid_from <= ${dayOf(index)} and (_dlt_valid_to is null or _dlt_valid_to > ${dayOf(index)}))`,
      ),
  },
  {
    name: "dbt snapshot",
    command: (folder, database, files) => [python, script("dbt_snapshot.py"), folder, database, ...files],
    states: (output) =>
      (JSON.parse(output) as ReadonlyArray<string>).map(
        (at) => `(from s.t where dbt_valid_from <= '${at}' and (dbt_valid_to is null or dbt_valid_to > '${at}'))`,
      ),
  },
]

/** States that equal their file, as multisets. */
const exactStates = async (
  database: string,
  states: ReadonlyArray<string>,
  files: ReadonlyArray<string>,
  columns: string,
): Promise<number> => {
  const answers = await ask(
    states.map((state, index) => {
      const [theirs, file] = [
        `select ${columns} from ${state}`,
        `select ${columns} from ${literal(files[index] ?? "")}`,
      ]
      return `select (select count(*) from (${theirs} except all ${file})) + (select count(*) from (${file} except all ${theirs})) = 0 as exact`
    }),
    database,
  )
  return answers.filter(([row]) => row?.["exact"] === true).length
}

interface Result {
  readonly usage: Usage
  readonly exact: number
}

const run = async (peer: Peer, folder: string, files: ReadonlyArray<string>, columns: string): Promise<Result> => {
  await mkdir(folder, { recursive: true })
  const database = join(folder, "warehouse.duckdb")
  const { output, ...usage } = await measureWithOutput(peer.command(folder, database, files), folder)
  return { usage, exact: await exactStates(database, peer.states(output, files), files, columns) }
}

/** Interleaved rounds over 20 real states; the traps once. */
export const historyPeers = async ({ folder, note, pairs }: Setting): Promise<ReadonlyArray<Outcome>> => {
  const { real, traps } = await writeStates(join(folder, "states"))
  const environment = await makePythonEnvironment("history-peers", requirements)
  if (environment._tag === "Missing") note(`history-peers: dlt and dbt ARE NOT MEASURED: ${environment.why}`)
  const others = environment._tag === "Ready" ? peers(environment.python) : []
  const results = new Map<string, Array<Result>>()
  for (let round = 0; round < pairs; round++) {
    for (const peer of round % 2 === 0 ? [ours, plain, ...others] : [...others, plain, ours]) {
      note(`history-peers: ${peer.name}, round ${round + 1}`)
      const result = await run(
        peer,
        join(folder, `${peer.name} ${round}`.replaceAll(" ", "-")),
        real,
        "dep, sexe, jour, hosp, rea, rad, dc",
      )
      results.set(peer.name, [...(results.get(peer.name) ?? []), result])
    }
  }
  const outcomes: Array<Outcome> = []
  for (const reference of [plain, ...others]) {
    const trapped = await run(
      reference,
      join(folder, `traps-${reference.name}`.replaceAll(" ", "-")),
      traps.slice(0, 3),
      "code, n",
    )
    const exact = Math.min(...(results.get(reference.name) ?? []).map((one) => one.exact))
    const both = (results.get("ours") ?? []).map((one, index) => ({
      ours: one.usage,
      reference: results.get(reference.name)?.[index]?.usage ?? one.usage,
    }))
    outcomes.push({
      benchmark,
      subject: `20 real states, no key, against ${reference.name} (exact ${exact} of 20; rows that repeat 2, 1, 3 times: ${trapped.exact} of 3)`,
      pairs: both,
      runs: [],
      promises: [
        { what: "CPU", value: ratioOf(both, (usage) => usage.cpu), limit: reference === plain ? 2 : 1, unit: "x" },
      ],
      problems: [],
    })
  }
  const trapped = await run(ours, join(folder, "traps-ours"), traps, "code, n")
  const [[stored] = []] = await ask(
    ["select (select count(*)::int from history_added.t) as rows"],
    join(folder, "traps-ours", "warehouse.duckdb"),
  )
  const wrong = [
    ...(results.get("ours") ?? [])
      .filter((one) => one.exact < 20)
      .map((one) => `${20 - one.exact} of 20 states differ`),
    ...(trapped.exact < traps.length ? [`${traps.length - trapped.exact} of the traps differ`] : []),
    // Three copies of one row and the other; one copy went and came back.
    ...(Number(stored?.["rows"]) === 5 ? [] : [`${String(stored?.["rows"])} rows are stored of the traps, not 5`]),
  ]
  return outcomes.map((outcome) => ({ ...outcome, problems: wrong }))
}
