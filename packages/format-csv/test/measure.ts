/** Prints what reading 200 MiB of a French table costs, in CPU seconds: `node --conditions=@opendatahub-sql/source test/measure.ts`. */
import type { RawFile } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { byteCounter } from "../src/records/byte-counter.ts"
import { decodeStream, toUtf8 } from "../src/encoding/decoding.ts"
import type { EncodingName } from "../src/encoding/encoding-name.ts"
import { csv } from "../src/index.ts"
import { recordReader } from "../src/records/record-reader.ts"
import { recordScanner } from "../src/records/record-scanner.ts"
import { survey } from "../src/survey/survey.ts"

const MIB = 1024 * 1024
const dialect = { delimiter: ";", quote: '"', escape: "doubled" } as const

/** 14 columns, CRLF, one record in 20 with a line feed in quotes. */
const record = (n: number): string =>
  `${n};${String(n % 96).padStart(2, "0")}${n % 900};Commune n° ${n % 36_000};${n % 28}/0${1 + (n % 9)}/2024;${(n * 37) % 9_000},${n % 90};2024-01-0${1 + (n % 9)}T08:30:00;` +
  `${n % 2 === 0 ? "oui" : "non"};${n % 20 === 0 ? '"12 rue de l’Église\nbâtiment ""B"""' : `${n % 200} avenue du Général Leclerc`};75001;Île-de-France;${n * 3};A${n % 7};48.85${n % 99},2.35${n % 77};${n}\r\n`

const chunksOf = (encoding: BufferEncoding): ReadonlyArray<Buffer> => {
  const block = Buffer.from(Array.from({ length: 40_000 }, (_, n) => record(n)).join(""), encoding)
  const whole = Buffer.concat([
    Buffer.from("a;b;c;d;e;f;g;h;i;j;k;l;m;n\r\n"),
    ...Array.from({ length: Math.ceil((200 * MIB) / block.length) }, () => block),
  ]).subarray(0, 200 * MIB)
  return Array.from({ length: 200 }, (_, n) => whole.subarray(n * MIB, (n + 1) * MIB))
}

const measure = async (what: string, run: () => Promise<unknown> | void): Promise<void> => {
  const before = process.cpuUsage()
  await run()
  const { system, user } = process.cpuUsage(before)
  console.log(
    `${what.padEnd(44)}${((user + system) / 1e6).toFixed(2)} CPU s, ${Math.round(process.memoryUsage().rss / 1e6)} MB`,
  )
}

for (const encoding of ["utf8", "latin1"] as const) {
  const chunks = chunksOf(encoding)
  const name: EncodingName = encoding === "utf8" ? "utf-8" : "windows-1252"
  const file: RawFile = {
    name: "file.csv",
    size: 200 * MIB,
    identity: "",
    bytes: () => Stream.rechunk(Stream.fromIterable(chunks), 1),
    local: Effect.die("not on disk"),
    siblings: [],
  }
  const format = await Effect.runPromise(csv().decode)
  await measure(`${name}: survey`, () => Effect.runPromise(survey(file, {})))
  await measure(`${name}: to UTF-8`, () => Effect.runPromise(Stream.runDrain(toUtf8(file.bytes(), name))))
  await measure(`${name}: to text`, () => Effect.runPromise(Stream.runDrain(decodeStream(file.bytes(), name))))
  if (encoding === "utf8") {
    await measure("splitter: text to cells, no strings", () => {
      const scanner = recordScanner(dialect)
      let rest = ""
      for (const chunk of chunks) {
        const text = rest + chunk.toString()
        let from = 0
        for (let next = 0; (next = scanner.scan(text, from, false, { shortest: 14, width: 14 })) >= 0;) from = next
        rest = text.slice(from)
      }
    })
    await measure("splitter: text to batches", () => {
      const layout = {
        dialect,
        columns: Array.from({ length: 14 }, () => ""),
        shortest: 14,
        headerLines: [],
        titles: [],
        footers: true,
        start: 0,
        line: 1,
        why: { dialect: "", header: "" },
      }
      const reader = recordReader("", layout, [], byteCounter({ name, why: "", damagedBytes: 0, damagedAt: [] }, false))
      for (const chunk of chunks) reader.read(chunk.toString(), false)
    })
  }
  await measure(`${name}: read, all of it`, () => Effect.runPromise(Stream.runDrain(format.read(file))))
}
