import { assert, describe, it } from "@effect/vitest"
import { fileName, safeName } from "../src/file/file-name.ts"

const url = new URL("https://www.example.org/data/export%20communes.csv?x=1")
const named = (disposition: string | undefined, requested = "requested.csv") => fileName(disposition, requested, url)

describe("a file's name", () => {
  it("comes from Content-Disposition, else from the request, else from the address", () => {
    assert.strictEqual(named('attachment; filename="a.csv"'), "a.csv")
    assert.strictEqual(named("attachment; filename=a.csv"), "a.csv")
    assert.strictEqual(named("attachment;filename = a b.csv ;size=3"), "a b.csv")
    assert.strictEqual(named('inline; filename="a;b \\"c\\".csv"'), 'a;b "c".csv')
    assert.strictEqual(named("attachment"), "requested.csv")
    assert.strictEqual(named(undefined), "requested.csv")
    assert.strictEqual(named('attachment; filename=""', " "), "export communes.csv")
    assert.strictEqual(fileName(undefined, "", new URL("https://www.example.org/")), "download")
  })

  it("prefers the extended form, in its charset (RFC 8187)", () => {
    assert.strictEqual(
      named("attachment; filename=\"ete.csv\"; filename*=UTF-8''%c3%a9t%C3%A9%20%e2%82%ac.csv"),
      "été €.csv",
    )
    assert.strictEqual(named("attachment; filename*=iso-8859-1'fr'%e9t%e9.csv; filename=ete.csv"), "été.csv")
    assert.strictEqual(named("attachment; filename*=broken; filename=ok.csv"), "ok.csv")
    assert.strictEqual(named("attachment; filename=\"x; filename*=UTF-8''evil.csv\""), "x; filename*=UTF-8''evil.csv")
  })

  it("never leads out of a folder, and holds nothing that cannot be seen", () => {
    assert.strictEqual(named('attachment; filename="../../etc/passwd"'), "passwd")
    assert.strictEqual(named("attachment; filename*=UTF-8''..%2F..%2Fetc%2Fpasswd"), "passwd")
    assert.strictEqual(safeName("C:\\data\\a.csv"), "a.csv")
    assert.strictEqual(named('attachment; filename=".."'), "requested.csv")
    assert.strictEqual(safeName("a\u0000\u001b[31m\u202egpj.csv\n"), "a[31mgpj.csv")
  })

  it("has at most 200 bytes and keeps its extension", () => {
    const name = safeName(`${"é".repeat(5000)}.csv.gz`)
    assert.isTrue(Buffer.byteLength(name) <= 200)
    assert.match(name, /^é+\.csv\.gz$/)
    assert.strictEqual(safeName("😀".repeat(100)).replaceAll("😀", ""), "")
  })
})
