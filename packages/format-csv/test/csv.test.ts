import { assert, describe, it } from "@effect/vitest"
import { FormatError } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import { csv } from "../src/index.ts"
import { detect, read } from "./reading.ts"

describe("csv()", () => {
  it.effect("refuses wrong and unknown options, all at once", () =>
    Effect.gen(function* () {
      const wrong: object = { delimiter: ";;", encoding: "latin9", header: 0, separator: "," }
      const error = yield* Effect.flip(csv(wrong).decode)
      assert.deepStrictEqual(error.issues.map((issue) => issue.path).toSorted(), [
        "delimiter",
        "encoding",
        "header",
        "separator",
      ])
    }),
  )

  for (const [what, content] of [
    ["no byte", ""],
    ["a mark of byte order", "\ufeff"],
    ["empty lines", "\r\n\r\n"],
  ] as const) {
    it.effect(`says that a file with ${what} is empty`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(read(content))
        assert.instanceOf(error, FormatError)
        assert.strictEqual(error.reason._tag, "DataQuality")
        assert.match(error.message, /empty file/)
      }),
    )
  }
})

describe("detects", () => {
  const table = "code;nom;pop\n01001;A;10\n01002;B;20\n"

  it.effect("a table by its bytes, whatever it is called", () =>
    Effect.gen(function* () {
      assert.isAtLeast(yield* detect(table, "export"), 0.9)
      assert.isAbove(yield* detect(table, "export.csv"), yield* detect(table, "export"))
      assert.isAtLeast(yield* detect(Buffer.from(table, "utf16le"), "export"), 0.9)
      assert.isAtLeast(yield* detect("Population légale\n\n" + table.repeat(3), "export"), 0.8)
    }),
  )

  it.effect("nothing in pages, data and scripts, whatever they are called", () =>
    Effect.gen(function* () {
      const others = [
        "<!DOCTYPE html>\n<html><head><title>Erreur 404</title></head>\n<body>a;b;c</body></html>\n",
        "\n  <html><body>Request Rejected. The requested URL was rejected; please consult; your support ID is: 1</body></html>",
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n<pdv_liste>\n</pdv_liste>\n',
        '{"a": 1, "b": [1, 2]}\n',
        '[\n  {"a": 1},\n  {"a": 2}\n]\n',
        "%PDF-1.7\n1;2;3\n4;5;6\n",
        "Access denied. Your request was blocked, incident 1234, contact support; thank you.\n",
      ]
      for (const other of others) assert.strictEqual(yield* detect(other, "export.csv", "csv"), 0)
    }),
  )

  it.effect("plain text only when it is said to be CSV", () =>
    Effect.gen(function* () {
      const text = "Ceci est une note.\nElle dit, en deux lignes, que tout va bien.\nFin.\n"
      assert.strictEqual(yield* detect(text, "LISEZMOI.txt"), 0)
      assert.strictEqual(yield* detect(text, "notes.csv"), 0.5)
      assert.strictEqual(yield* detect("d41d8cd98f00b204e9800998ecf8427e  gtfs.zip\n", "gtfs.zip.md5"), 0)
    }),
  )

  it.effect("a table with NUL bytes in cells, as RGE publishes", () =>
    Effect.gen(function* () {
      assert.isAtLeast(yield* detect("siret;nom\n1;a\u0000\n2;b\n3;c\n".repeat(20), "rge.csv"), 0.9)
    }),
  )
})
