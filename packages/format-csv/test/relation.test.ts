import { assert, describe, it } from "@effect/vitest"
import type { Relation } from "@opendatahub-sql/core"
import { literal, openDatabase, type QueryRow } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { copyFileSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { csv } from "../src/index.ts"
import { bytesOf, corpus, fileOf, read } from "./reading.ts"

const folder = mkdtempSync(join(tmpdir(), "odh-format-csv-"))

const relationOf = Effect.fnUntraced(function* (content: string | Uint8Array) {
  const format = yield* csv().decode
  const relations = yield* format.relations?.(fileOf(content)) ?? Effect.succeed(undefined)
  return relations?.[0]
})

/** What the engine makes of a relation: rows and rejects, or the codes it refuses for. */
const run = Effect.fnUntraced(function* (relation: Relation) {
  const path = join(folder, "input.csv")
  const bytes = "identity" in relation.input ? relation.input.bytes() : relation.input
  writeFileSync(path, Buffer.concat(yield* Stream.runCollect(Stream.map(bytes, (chunk) => Buffer.from(chunk)))))
  const left = join(folder, "rejects.csv")
  if (relation.rejects?.input !== undefined) copyFileSync(yield* relation.rejects.input.local, left)
  const database = yield* openDatabase({ workFolder: folder, threads: 2 })
  const connection = yield* database.connect
  const found = yield* Effect.result(connection.all(relation.sql(literal(path))))
  if (found._tag === "Failure") return { refused: ["error"], rows: [], rejects: [] }
  const told = yield* connection.all(relation.rejects?.sql(literal(left)) ?? "")
  const located = relation.rejects?.located
  const places = located === undefined ? undefined : yield* located(told.map((reject) => Number(reject["byte"])))
  const rejects = told.map((reject, index): QueryRow => ({
    ...reject,
    byte: places?.[index] ?? reject["byte"] ?? null,
  }))
  const refused = rejects
    .map((reject) => String(reject["code"]))
    .filter((code) => relation.rejects?.keeps.some((kept) => kept === code) !== true)
  return { refused, rows: found.success.map((row) => Object.values(row)), rejects }
}, Effect.scoped)

const numbers = (rejects: ReadonlyArray<{ readonly [key: string]: unknown }>) =>
  rejects.map(({ byte, byte_length, code, line, message, raw, row }) => [
    Number(row),
    code,
    raw,
    message,
    line === null ? null : Number(line),
    byte === null ? null : Number(byte),
    byte_length === null ? null : Number(byte_length),
  ])

/** The relation gives what `read` does: columns, rows, and rejects with their places. */
const agrees = Effect.fnUntraced(function* (content: string | Uint8Array, relation: Relation | undefined) {
  if (relation === undefined) return assert.fail("the fast way was declined")
  const expected = yield* read(content)
  const { refused, rejects, rows } = yield* run(relation)
  assert.deepStrictEqual(refused, [])
  assert.deepStrictEqual(
    relation.columns.map((column) => column.name),
    expected.columns,
  )
  const numbered = expected.rows.map((row, index) =>
    relation.numbered === true ? [...row, String(expected.numbers[index])] : row,
  )
  assert.isTrue(
    JSON.stringify(rows.map((row) => row.map((cell) => (typeof cell === "bigint" ? String(cell) : cell)))) ===
      JSON.stringify(numbered),
    `${rows.length} rows and ${expected.rows.length}, not equal`,
  )
  const isUnplaced = relation.facts["reader"] === "strict" && Buffer.from(bytesOf(content)).includes('"')
  assert.deepStrictEqual(
    numbers(rejects),
    expected.rejects.map(({ byte, byteLength, code, line, message, raw, row }) => [
      row,
      code,
      raw,
      message,
      isUnplaced ? null : (line ?? null),
      byte ?? null,
      byteLength ?? null,
    ]),
  )
})

/** Tables of about 9 MB, so that several threads read them. */
const large = (record: (n: number) => string, end = "\n"): string => {
  const records = ["h;i;j"]
  for (let n = 1, size = 0; size < 9_000_000; n++) size += records[records.push(record(n)) - 1]?.length ?? 0
  return records.join(end) + end
}
const rue = "12 rue du Général de Gaulle, 75001 Paris"
const small = "un;deux;trois\n".repeat(8)

describe("the strict reader agrees with the tolerant one", () => {
  const files: ReadonlyArray<readonly [what: string, content: string | Uint8Array]> = [
    ["on ragged records", `a;b;c\n${"1;2;3\n4;5\n6;7;8;9;10\n11;12;13;;\n".repeat(50)}`],
    [
      "on ragged records of a large table in Windows-1252",
      Buffer.from(
        large(
          (n) => (n % 50_001 === 0 ? "Évry\u0080;2" : n % 30_001 === 0 ? "1;\u009cuf;3;4" : `${n};${rue} \u0080;x`),
          "\r\n",
        ),
        "latin1",
      ),
    ],
    ["on ragged records that end in two bytes", `a;é;c\r\n${"1;2;3\r\n4;5\r\né;7;8;9;10\r\n".repeat(50)}`],
    [
      "on ragged records below titles and a mark of byte order",
      "\ufeffTitre\nSource\ncode;nom;pop\n01;A;10\n02;B;20\n03;C\n04;D;5\n",
    ],
    ["on quoted lines and quotes", 'a;b;c\r\n1;"x;\r\n""y""\r\n";3\r\n;"";4\r\n'],
    ["on empty lines and none at the end", "a;b;c\n1;2;3\n\n4;5;6"],
    ["on names cut by another delimiter", "code nom prix pop\n1;a;3;4\n2;b;4;5\n3;c;5;6\n"],
    ["on an empty name too many", "code;;nom;pop\n1;a;3\n2;b;4\n3;c;5\n"],
    ["on notes among the records", "code;nom;pop\n1;a;3\nSource : INSEE;;\n2;b;4\n3;c;5\n"],
    ["on ISO-8859-1", corpus("covoiturage-aires-latin1/csv_latin1.csv")],
    ["on a file without a header", "1;2;3\n4;5;6\n7;8;9\n"],
    ["on one column", "commune\nLyon\nParis; 7e\nBrest, centre\n"],
    ["on damaged UTF-8", Buffer.concat([bytesOf(`a;b\n${"é;à\n".repeat(20)}`), Buffer.from([0xe9, 0x3b, 0x32, 0x0a])])],
    ["on a large table", large((n) => `${n};${rue};${n * 7}`)],
    [
      "on a large table with quoted lines",
      large((n) => (n % 3 === 0 ? `${n};"${rue}\n""lieu-dit"", là";x` : `${n};y;z`), "\r\n"),
    ],
    [
      "on ragged records of a large table",
      large((n) => (n % 50_001 === 0 ? "1;2" : n % 30_001 === 0 ? "1;2;3;4" : `${n};${rue};x`)),
    ],
  ]
  for (const [what, content] of files) {
    it.effect(what, () =>
      Effect.gen(function* () {
        const relation = yield* relationOf(content)
        assert.strictEqual(relation?.facts["reader"], "strict")
        yield* agrees(content, relation)
      }).pipe(Effect.scoped),
    )
  }
})

describe("the file is read without its odd records where the strict reader refuses", () => {
  const files: ReadonlyArray<readonly [what: string, content: string]> = [
    ["mixed line ends", "a;b;c\n1;2;3\n4;5;6\r\n7;8;9\n"],
    ["line ends that change late in a large file", large((n) => `${n};${rue};x${n > 100_000 ? "\r" : ""}`)],
    ["quotes inside quotes", 'a;b;c\n1;"say "hi"";3\n4;5;6\n'],
    ["a quote that never closes", 'a;b;c\n1;"x;3\n4;5;6\n'],
    ["lines quoted as a whole", 'a;b;c\n"1;""x"";3"\n4;5;6\n7;8;9\n'],
    ["rejects among empty lines, which would shift the others' numbers", "a;b;c\n1;2;3\n\n4;5\n6;7;8\n"],
    ["the names of the columns, once more", "code;nom;pop\n1;a;3\n2;b;4\ncode;nom;pop\n3;c;5\n"],
    ["blank cells too many", "a;b;c\n1;2;3; \n4;5;6\n"],
    ["records that are short of unnamed columns", "a;b;;\n1;2;;\n3;4;;\n5;6\n"],
  ]
  for (const [what, content] of files) {
    it.effect(what, () =>
      Effect.gen(function* () {
        const relation = yield* relationOf(content)
        if (relation === undefined) return assert.fail("declined beforehand")
        assert.isNotEmpty((yield* run(relation)).refused)
        const [mended] = (yield* relation.otherwise ?? Effect.succeed(undefined)) ?? []
        yield* agrees(content, mended)
      }).pipe(Effect.scoped),
    )
  }
})

describe("the file is read without its odd records, as the engine would be wrong without a word, for", () => {
  const files: ReadonlyArray<readonly [what: string, content: string | Uint8Array]> = [
    [
      "lines in quotes that look like records, where a thread would begin",
      large((n) => `${n};x;"p;q;r\n${small}x;y;4"`),
    ],
    ["such lines in the first column", large((n) => `"p;q;r\n${small}x";y;${n}`)],
    ["quotes in unquoted cells of a large file", large((n) => `${n};écran 12";${rue}`)],
    ["blanks around quotes of a large file", large((n) => `${n}; "x";${rue}`)],
    [
      "odd records far apart in Windows-1252",
      Buffer.from(
        large((n) =>
          n % 5003 === 0
            ? `${n}; "Cr\u0092cy";\u0080`
            : n % 40_009 === 0
              ? `${n};\u009cuf`
              : `${n};${n % 7 === 0 ? `"l'\u009cuvre ""X"""` : rue};é`,
        ),
        "latin1",
      ),
    ],
    [
      "so many rejects that records keep their numbers",
      Buffer.from(
        large((n) => (n % 20 === 0 ? `"é";${n}` : n % 31 === 0 ? `${n}; "x";\u0080` : `${n};é;${rue}`), "\r\n"),
        "latin1",
      ),
    ],
    ["NUL bytes", "a;b;c\n1;2;3;\u0000\n"],
    ["backslashes before quotes", 'a;b\n"dit \\"oui\\" ici";2\n"x";3\n'],
    ["empty lines in one column", "a\n1\n\n2\n"],
    [
      "quotes late in a large file, after megabytes without any",
      large((n) => (n < 100_000 ? `${n};x;${rue}` : `${n};écran 12";${rue}`)),
    ],
    ["apostrophes as quotes", "a;b\n'x;y';'z'\n'1';'2'\n"],
    ["sources below the table", "code;nom;pop\n1;a;3\n2;b;4\nSource : INSEE\n"],
    ["notes below the table, with all their delimiters", "code;nom;pop\n1;a;3\n2;b;4\nNote : provisoire;;\n;;\n"],
    ["a total", "code;nom;pop\n1;a;3\n2;b;4\nTotal;;7\n"],
    ["comments", "code;nom;pop\n1;a;3\n# remarque\n2;b;4\n"],
    ["spaces after delimiters", "code, nom, pop\n1, a, 3\n2, b, 4\n"],
    ["units", "code;nom;pop\n;;hab.\n1;a;3\n2;b;4\n3;c;5\n"],
  ]
  for (const [what, content] of files) {
    it.effect(what, () =>
      Effect.gen(function* () {
        const relation = yield* relationOf(content)
        assert.strictEqual(relation?.facts["reader"], "tolerant")
        yield* agrees(content, relation)
      }).pipe(Effect.scoped),
    )
  }
})

describe("only the tolerant reader reads", () => {
  const files: ReadonlyArray<readonly [what: string, content: string | Uint8Array]> = [
    ["another table below an empty line", "code;nom;pop\n1;a;3\n2;b;4\n\nx;y;z\nu;v;5\nu;w;6\n"],
    ["another table at once", `code;pop\n${"1;3\n2;4\n".repeat(9)}x;y;z\n1;2;3\n4;5;6\n7;8;9\n`],
    ["UTF-16", Buffer.from("\ufeffa;b\n1;2\n", "utf16le")],
  ]
  for (const [what, content] of files) {
    it.effect(what, () =>
      Effect.gen(function* () {
        const relation = yield* relationOf(content)
        if (relation === undefined) return
        assert.isNotEmpty((yield* run(relation)).refused)
        assert.isUndefined(yield* relation.otherwise ?? Effect.succeed(undefined))
      }).pipe(Effect.scoped),
    )
  }
})
