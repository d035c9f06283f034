import { assert, describe, it } from "@effect/vitest"
import type { FormatError, Probe } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { fileOf, formatOf, type Options, read } from "./reading.ts"

const refusal = (content: Uint8Array | string, options: Options = {}, step?: number) =>
  Effect.map(Effect.flip(read(content, options, step)), (error) => error as FormatError)

const pdv = (...inside: ReadonlyArray<string>): string =>
  `<l>${inside.map((each) => `<pdv>${each}</pdv>`).join("\n")}</l>`

describe("where the records are", () => {
  it.effect("takes the repeated elements of the shallowest level that holds most, and keeps the others as tables", () =>
    Effect.gen(function* () {
      const { rows, facts } = yield* read(
        `<osm version="0.6"><bounds minlat="1"/><node id="1"/><node id="2"/><node id="3"><tag k="a"/></node><way id="9"><nd ref="1"/><nd ref="2"/></way><way id="8"/></osm>`,
      )
      assert.deepStrictEqual(rows, {
        main: [{ id: "1" }, { id: "2" }, { id: "3", "tag.k": "a" }],
        way: [{ id: "9" }, { id: "8" }],
        way__nd: [
          { "^": 1, ref: "1" },
          { "^": 1, ref: "2" },
        ],
      })
      assert.deepStrictEqual(facts, {
        encoding: "utf-8",
        record: "osm/node",
        envelope: { version: "0.6", "bounds.minlat": "1" },
      })
    }),
  )

  it.effect("goes down through a frame, whose texts become facts", () =>
    Effect.gen(function* () {
      const items = [1, 2, 3].map(
        (n) => `<item><title>Nouvelle numéro ${n}</title><guid isPermaLink="false">${n}</guid></item>`,
      )
      const { rows, facts } = yield* read(
        `<rss version="2.0"><channel><title>Journal</title><ttl>60</ttl>${items.join("")}</channel></rss>`,
      )
      assert.deepStrictEqual(rows["main"]?.[1], { title: "Nouvelle numéro 2", guid: "2", "guid.isPermaLink": "false" })
      assert.deepStrictEqual(facts["envelope"], { version: "2.0", "channel.title": "Journal", "channel.ttl": "60" })
    }),
  )

  it.effect("takes a document without repetition as one record, and a list of one as a list", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* read('<conf><a>1</a><b c="2"/></conf>')).rows, { main: [{ a: "1", "b.c": "2" }] })
      assert.deepStrictEqual(
        (yield* read('<pdv_liste><pdv id="1"><prix v="1"/><prix v="2"/></pdv></pdv_liste>')).rows,
        {
          main: [{ id: "1" }],
          main__prix: [
            { "^": 1, v: "1" },
            { "^": 1, v: "2" },
          ],
        },
      )
    }),
  )

  it.effect("takes the element it is told to, by name or by path, or says which there are", () =>
    Effect.gen(function* () {
      const document = "<r><a><x>1</x><x>2</x></a><b><x>3</x></b></r>"
      assert.deepStrictEqual((yield* read(document, { record: "x" })).rows["main"], [{ x: "1" }, { x: "2" }])
      assert.deepStrictEqual((yield* read(document, { record: "b/x" })).rows["main"], [{ x: "3" }])
      const error = yield* refusal(document, { record: "y" })
      assert.strictEqual(error.reason._tag, "Config")
      assert.include(error.message, "elements that repeat: r/a/x")
    }),
  )
})

describe("what becomes of an element", () => {
  it.effect("an element that repeats in one record only is a row in all, whatever their order", () =>
    Effect.gen(function* () {
      const [one, two] = ['<v n="1"/>', '<v n="2"/><v n="3"/>']
      const [forward, backward] = [yield* read(pdv(one, two)), yield* read(pdv(two, one))]
      assert.deepStrictEqual(forward.rows["main__v"], [
        { "^": 1, n: "1" },
        { "^": 2, n: "2" },
        { "^": 2, n: "3" },
      ])
      assert.deepStrictEqual(backward.rows["main__v"], [
        { "^": 1, n: "2" },
        { "^": 1, n: "3" },
        { "^": 2, n: "1" },
      ])
      assert.deepStrictEqual(forward.tables["main__v"]?.columns, backward.tables["main__v"]?.columns)
    }),
  )

  it.effect("keeps what repeats only after the first 32 MiB: the first in its columns, the others as rows", () =>
    Effect.gen(function* () {
      const filler = `<pdv><v n="0">${"x".repeat(1_000_000)}</v></pdv>`.repeat(34)
      const { rows, facts } = yield* read(
        `<l>${filler}<pdv><v n="1">a</v><v n="2" m="é"><w>b</w></v></pdv><pdv><v n="3">c</v></pdv></l>`,
      )
      assert.deepStrictEqual(rows["main"]?.slice(-2), [
        { v: "a", "v.n": "1" },
        { v: "c", "v.n": "3" },
      ])
      assert.deepStrictEqual(rows["main__v"], [{ "^": 35, n: "2", m: "é", w: "b" }])
      assert.deepStrictEqual(facts["repeatedLate"], ["main.v"])
    }),
  )

  it.effect("adds columns for attributes and elements that come late", () =>
    Effect.gen(function* () {
      const format = yield* formatOf()
      const filler = `<pdv><v>${"x".repeat(1_000_000)}</v></pdv>`.repeat(34)
      const events = yield* Stream.runCollect(
        format.read(fileOf(`<l>${filler}<pdv late="1"><w><u>2</u></w></pdv></l>`)),
      )
      assert.deepStrictEqual(
        events.filter(({ _tag }) => _tag === "ColumnsAdded"),
        [{ _tag: "ColumnsAdded", table: "main", columns: [{ name: "late" }, { name: "w.u" }] }],
      )
    }),
  )

  it.effect("an element may be a list by option, for files where none repeats", () =>
    Effect.gen(function* () {
      const { rows } = yield* read(pdv('<rupture id="1"/>', '<rupture id="2"/>'), { lists: ["rupture"] })
      assert.deepStrictEqual(rows["main__rupture"], [
        { "^": 1, id: "1" },
        { "^": 2, id: "2" },
      ])
    }),
  )

  it.effect("tells an empty element from one that is not there, and makes xsi:nil NULL", () =>
    Effect.gen(function* () {
      const { rows } = yield* read(
        `<l xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><p><a/><b>x</b><c xsi:nil="true"/></p><p><b></b><c>1</c></p></l>`,
      )
      assert.deepStrictEqual(rows["main"], [
        { a: "", b: "x" },
        { b: "", c: "1" },
      ])
    }),
  )

  it.effect("an attribute and an element of one name are two columns, the same in every record", () =>
    Effect.gen(function* () {
      const { rows } = yield* read(pdv('<x id="1"><id>2</id></x>', "<x><id>3</id></x>", '<x id="4"/>'))
      assert.deepStrictEqual(rows["main"], [{ "x.id": "1", "x.id_2": "2" }, { "x.id_2": "3" }, { "x.id": "4" }])
    }),
  )

  it.effect("drops prefixes, except where two names would become one", () =>
    Effect.gen(function* () {
      const { tables } = yield* read(
        `<c:l xmlns:c="u"><c:p a:id="1"><c:nom>x</c:nom><dc:title>y</dc:title><c:title>z</c:title></c:p><c:p/></c:l>`,
      )
      assert.deepStrictEqual(tables["main"]?.columns, ["id", "nom", "dc:title", "c:title"])
    }),
  )

  it.effect("prose is one text, and what is marked inside stands in it", () =>
    Effect.gen(function* () {
      const { rows, facts } = yield* read(
        pdv("<note>Ouvert <b>le</b> dimanche, <i>sauf</i> en août</note>", "<note>Fermé</note>"),
      )
      assert.deepStrictEqual(rows, { main: [{ note: "Ouvert le dimanche, sauf en août" }, { note: "Fermé" }] })
      assert.deepStrictEqual(facts["prose"], ["main.note"])
    }),
  )

  it.effect("names that JavaScript knows are names like others", () =>
    Effect.gen(function* () {
      const { rows } = yield* read(
        pdv('<constructor __proto__="1">2</constructor><toString>3</toString>', "<__proto__>4</__proto__>"),
      )
      const cells = rows["main"]?.flatMap((row) => Object.entries(row)) ?? []
      assert.deepStrictEqual(cells, [
        ["constructor.__proto__", "1"],
        ["constructor", "2"],
        ["toString", "3"],
        ["__proto__", "4"],
      ])
    }),
  )

  it.effect("more columns than a table may have go to one column of JSON", () =>
    Effect.gen(function* () {
      const many = Array.from({ length: 1_500 }, (_, n) => `<c${n}>${n}</c${n}>`).join("")
      const { tables, rows } = yield* read(pdv(many, ""))
      assert.isAtMost(tables["main"]?.columns.length ?? 0, 1_001)
      const others = JSON.parse(String(rows["main"]?.[0]?.["other_elements"])) as Record<string, string>
      assert.strictEqual(others["c1499"], "1499")
    }),
  )
})

describe("the bytes", () => {
  const document = (encoding: string): string =>
    `<?xml version="1.0" encoding="${encoding}"?>\n<l><v>Œuvre à 5 €</v><v>2</v></l>`
  const first = (content: Uint8Array) => Effect.map(read(content, {}, 7), ({ rows }) => rows["main"]?.[0]?.["v"])
  const windows = (text: string): Buffer =>
    Buffer.from(text.replaceAll("Œ", "\u008c").replaceAll("€", "\u0080"), "latin1")

  it.effect("are read as the mark or the declaration says, ISO-8859-1 as Windows-1252", () =>
    Effect.gen(function* () {
      const utf16 = Buffer.from(document("UTF-16"), "utf16le")
      for (const bytes of [
        Buffer.from(document("UTF-8")),
        Buffer.from(`\ufeff${document("UTF-8")}`),
        windows(document("ISO-8859-1")),
        windows(document("windows-1252")),
        utf16,
        Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]),
        Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(utf16).swap16()]),
        // Says UTF-16, is not: it could be read to here.
        Buffer.from(document("UTF-16")),
      ])
        assert.strictEqual(yield* first(bytes), "Œuvre à 5 €")
    }),
  )

  it.effect("that are not UTF-8 although they should be are read as Windows-1252, and counted", () =>
    Effect.gen(function* () {
      const mixed = Buffer.concat([Buffer.from("<l><v>é</v><v>"), Buffer.from([0xe9, 0x8c]), Buffer.from("</v></l>")])
      for (const step of [1, 100]) {
        const { rows, facts } = yield* read(mixed, {}, step)
        assert.deepStrictEqual(rows["main"], [{ v: "é" }, { v: "éŒ" }])
        assert.strictEqual(facts["bytesInWindows1252"], 2)
      }
    }),
  )

  it.effect("in an encoding that nobody knows are refused by its name", () =>
    Effect.map(refusal(document("klingon")), ({ message }) => assert.include(message, '"klingon"')),
  )
})

describe("damage", () => {
  it.effect("is told with its line and its byte", () =>
    Effect.gen(function* () {
      const { message, position, reason } = yield* refusal("<l>\n<é>x</é>\n<b></c>\n</l>", {}, 3)
      assert.deepStrictEqual(position, { line: 3, byte: 18 })
      assert.strictEqual(reason._tag, "DataQuality")
      assert.include(message, "</c> where </b> is due (line 3, byte 18)")
    }),
  )

  it.effect("a file cut anywhere is an error, never fewer rows", () =>
    Effect.gen(function* () {
      const document = '<?xml version="1.0"?><!-- c --><l a="1"><v><![CDATA[x]]></v><v>&amp;</v></l>'
      for (let length = 0; length < document.length; length++) {
        const error = yield* refusal(document.slice(0, length))
        assert.strictEqual(error._tag, "FormatError", document.slice(0, length))
        if (length > 0) assert.include(error.message, "cut short", document.slice(0, length))
      }
    }),
  )

  it.effect("entities that a document spells out are its text", () =>
    Effect.gen(function* () {
      const { rows } = yield* read(
        `<!DOCTYPE l [<!-- <!ENTITY e "no"> --><!ENTITY e "é"><!ENTITY e "later"><!ENTITY nom 'Orl&e;ans &amp; "Blois"'>
          <!ENTITY both "&#65;&nom;"><!ENTITY % p "<!ENTITY q 'no'>">]><l><v a="&both;">&e;t&e;</v><v a="&lt;">&nom;</v></l>`,
      )
      assert.deepStrictEqual(rows["main"], [
        { a: 'AOrléans & "Blois"', v: "été" },
        { a: "<", v: 'Orléans & "Blois"' },
      ])
    }),
  )

  it.effect("entities that are markup, bombs or elsewhere are not expanded", () =>
    Effect.gen(function* () {
      const laughs = Array.from({ length: 9 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join("")
      for (const document of [
        `<!DOCTYPE l [<!ENTITY l0 "lol">${laughs}]><l><v>&l9;</v></l>`,
        `<!DOCTYPE l [<!ENTITY a "${"a".repeat(50_000)}">]><l><v>${"&a;".repeat(1_000)}</v></l>`,
        '<!DOCTYPE l [<!ENTITY a "&b;"><!ENTITY b "&a;">]><l><v>&a;</v></l>',
        '<!DOCTYPE l [<!ENTITY a "<b/>">]><l><v>&a;</v></l>',
        '<!DOCTYPE l [<!ENTITY a "&#60;b/>">]><l><v>&a;</v></l>',
        '<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><l><v>&x;</v></l>',
        '<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><l><v a="&x;"/></l>',
      ])
        assert.include((yield* refusal(document)).message, "not expanded")
      const { rows } = yield* read(
        '<!DOCTYPE l SYSTEM "http://localhost:1/x.dtd" [<!ELEMENT v (#PCDATA)><!-- ]> --><!ENTITY e "]>">]><l><v>1</v><v>2</v></l>',
      )
      assert.deepStrictEqual(rows["main"], [{ v: "1" }, { v: "2" }])
    }),
  )

  it.effect("elements within elements without end are refused", () =>
    Effect.map(refusal("<a>".repeat(100_000)), ({ message }) => assert.include(message, "beyond 256")),
  )
})

describe("detects", () => {
  const confidence = Effect.fnUntraced(function* (head: string, name = "file.bin") {
    const format = yield* formatOf()
    const probe: Probe = {
      name,
      mediaType: undefined,
      declared: undefined,
      size: head.length,
      head: Buffer.from(head),
      tail: new Uint8Array(0),
      members: undefined,
      siblings: [],
    }
    return format.detects(probe)
  })

  it.effect("takes XML for XML, damaged XML by its name, and HTML for HTML", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* confidence('<?xml version="1.0"?><a><b/>'), 0.9)
      assert.strictEqual(yield* confidence('\n<pdv_liste><pdv id="1'), 0.8)
      assert.strictEqual(yield* confidence("<a><b></a>", "x.xml"), 0.6)
      for (const html of [
        "<html><head></head></html>",
        '<!DOCTYPE html>\n<html lang="fr">',
        '<!doctype HTML PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN"><html xmlns="http://www.w3.org/1999/xhtml">',
        '<?xml version="1.0"?>\n<!-- erreur -->\n<html xmlns="http://www.w3.org/1999/xhtml"><body/></html>',
      ])
        assert.strictEqual(yield* confidence(html, "x.xml"), 0, html)
      for (const other of ["a;b\n1;<2", "< 5 kg;x", '{"a":"<b>"}', ""])
        assert.strictEqual(yield* confidence(other), 0, other)
    }),
  )
})
