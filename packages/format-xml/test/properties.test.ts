import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "fast-check"
import { SaxesParser } from "saxes"
import { read } from "./reading.ts"
import { type Told, tokensOf } from "./tokenizing.ts"

/** What saxes, a parser we did not write, tells of a document. */
const saxesTokens = (document: string): ReadonlyArray<Told> => {
  const told: Array<Told> = []
  const parser = new SaxesParser<{ xmlns: false }>({ xmlns: false })
  const text = (part: string): void => {
    const last = told.at(-1)
    if (last?.[0] === "text") told[told.length - 1] = ["text", last[1] + part]
    else if (part !== "") told.push(["text", part])
  }
  parser.on("error", (error) => {
    throw error
  })
  parser.on("opentag", ({ name, attributes }) => {
    told.push(["open", name, Object.entries(attributes).map(([key, value]) => [key, value] as const)])
  })
  parser.on("text", text)
  parser.on("cdata", text)
  parser.on("closetag", () => {
    told.push(["close"])
  })
  parser.write(document).close()
  return told
}

const verdict = (read: () => ReadonlyArray<Told>) => {
  const result = Effect.runSync(Effect.result(Effect.try(read)))
  return result._tag === "Success" ? result.success : "refused"
}

const name = FastCheck.constantFrom("a", "b", "prix", "jour", "é", "a.b", "x:a", "__proto__", "constructor")
const text = FastCheck.string({
  unit: FastCheck.constantFrom(
    "a",
    "é",
    "😀",
    " ",
    "\n",
    "\r",
    "\r\n",
    "]",
    "]]",
    "&amp;",
    "&#233;",
    "&#x20;",
    "1",
    "\t",
  ),
})
const value = FastCheck.string({ unit: FastCheck.constantFrom("a", "é", " ", "\n", ">", "'", "&quot;", "&lt;", "1") })
const attributes = FastCheck.array(FastCheck.tuple(name, value), { maxLength: 3 }).map((pairs) =>
  [...new Map(pairs)].map(([key, each]) => ` ${key}="${each}"`).join(""),
)
const piece = FastCheck.letrec<{ readonly element: string; readonly content: string }>((tie) => ({
  content: FastCheck.oneof(
    { depthSize: "small" },
    text,
    FastCheck.constantFrom("<!-- - -->", "<?pi ?>", "<![CDATA[<a>]]>", "<![CDATA[]]]]>"),
    FastCheck.array(FastCheck.oneof(tie("element"), text), { maxLength: 4 }).map((parts) => parts.join("")),
  ),
  element: FastCheck.tuple(name, attributes, tie("content")).map(([tag, given, content]) =>
    content === ""
      ? `<${tag}${given}/>`
      : `<${tag}${given}>${content.replaceAll("]]>", "]]&gt;").replaceAll(/<!\[CDATA\[([^]*?)\]\]&gt;/g, "<![CDATA[$1]]>")}</${tag}\n>`,
  ),
})).element

describe("properties", () => {
  it("a document is what saxes makes of it", () => {
    FastCheck.assert(
      FastCheck.property(piece, (document) => {
        assert.deepStrictEqual(
          verdict(() => tokensOf(document)),
          verdict(() => saxesTokens(document)),
          document,
        )
      }),
      { numRuns: 500 },
    )
  })

  it("a document with one character changed is refused when saxes refuses it, and only then", () => {
    const character = FastCheck.constantFrom(
      "<",
      ">",
      "/",
      '"',
      "'",
      "&",
      ";",
      "=",
      "!",
      "?",
      "-",
      "[",
      "]",
      " ",
      "\n",
      "a",
      "1",
      ":",
      "\u0001",
      "",
    )
    FastCheck.assert(
      FastCheck.property(piece, FastCheck.nat(), character, (document, place, character) => {
        const at = place % document.length
        const changed = document.slice(0, at) + character + document.slice(at + 1)
        FastCheck.pre(!/\p{Surrogate}/u.test(changed))
        // saxes accepts a "?" after the name of an instruction; XML 1.0 (production 16) and expat do not.
        FastCheck.pre(!/<\?[^\s?]+\?[^>]/.test(changed))
        assert.deepStrictEqual(
          verdict(() => tokensOf(changed)),
          verdict(() => saxesTokens(changed)),
          JSON.stringify(changed),
        )
      }),
      { numRuns: 2_000 },
    )
  })

  it("every attribute and text of every record is in some cell, for any cut of the bytes", async () => {
    await FastCheck.assert(
      FastCheck.asyncProperty(
        FastCheck.array(piece, { minLength: 2, maxLength: 5 }),
        FastCheck.integer({ min: 1, max: 30 }),
        async (records, step) => {
          const document = `<liste>${records.map((record) => `<ligne>${record}</ligne>`).join("")}</liste>`
          const whole = await Effect.runPromise(read(document))
          assert.deepStrictEqual(await Effect.runPromise(read(document, {}, step)), whole)
          assert.strictEqual(whole.tables["main"]?.rows.length, records.length)
          const cells = Object.values(whole.rows).flatMap((rows) =>
            rows.flatMap((row) => Object.entries(row).flatMap(([key, cell]) => (key === "^" ? [] : [String(cell)]))),
          )
          const everything = cells.join("\u0000")
          for (const each of tokensOf(document)) {
            if (each[0] === "text" && each[1].trim() !== "") assert.include(everything, each[1].trim())
            if (each[0] === "open")
              for (const [, value] of each[2]) if (whole.facts["prose"] === undefined) assert.include(cells, value)
          }
        },
      ),
    )
  })
})
