import { assert, describe, it } from "@effect/vitest"
import { parseUrl, publicUrl, withPublicUrls } from "../src/network/url.ts"

const href = (text: string) => {
  const url = parseUrl(text)
  return typeof url === "string" ? url : url.href
}

describe("the address of a resource", () => {
  it("is mended as portals publish it", () => {
    assert.strictEqual(href("  https://example.org/a b.csv?q=x y\n"), "https://example.org/a%20b.csv?q=x%20y")
    // transport.data.gouv.fr met resources whose addresses keep the entity of the page they were copied from.
    assert.strictEqual(
      href("https://example.org/api?a=1&amp;b=2&amp;amp;c=3&#38;d=4"),
      "https://example.org/api?a=1&b=2&c=3&d=4",
    )
    assert.strictEqual(href("https://example.org/a%20b/é.csv#part"), "https://example.org/a%20b/%C3%A9.csv")
    assert.strictEqual(href("HTTP://Example.org\\x"), "http://example.org/x")
    assert.strictEqual(href("https://example.org/100%/a%2Fb"), "https://example.org/100%/a%2Fb")
  })

  it("is http, https, ftp or ftps, and whole", () => {
    assert.match(href("sftp://example.org/x"), /sftp is not spoken here/)
    assert.strictEqual(href("ftp://example.org/x"), "ftp://example.org/x")
    assert.match(href("www.example.org/x"), /not a whole address/)
  })
})

describe("an address for others to read", () => {
  it("has no user, no fragment and no parameter that looks like a credential, and is otherwise as written", () => {
    const signed =
      "https://bucket.example.org/a%20b.csv?X-Amz-Algorithm=x&X-Amz-Signature=x&year=2024&q=a+b%2C&response-content-type=text%2Fcsv"
    assert.strictEqual(
      publicUrl(signed),
      "https://bucket.example.org/a%20b.csv?year=2024&q=a+b%2C&response-content-type=text%2Fcsv",
    )
    const names = [
      "sig",
      "Signature",
      "token",
      "access_token",
      "sas_token",
      "apikey",
      "api-key",
      "api_key",
      "key",
      "subscription-key",
      "client_secret",
      "password",
      "pwd",
      "auth",
      "jwt",
      "Key-Pair-Id",
      "Policy",
      "x-goog-credential",
      "AWSAccessKeyId",
      "session_id",
      "%74oken",
      "app_key",
    ]
    for (const name of names)
      assert.strictEqual(publicUrl(`https://u:p@example.org/x?${name}=secret#f`), "https://example.org/x", name)
    for (const name of ["keyword", "monkey", "design", "page", "author", "q", "tokens_of"]) {
      assert.strictEqual(publicUrl(`https://example.org/x?${name}=v`), `https://example.org/x?${name}=v`)
    }
  })

  it("is found in a longer text", () => {
    assert.strictEqual(
      withPublicUrls('see "http://u:p@a.example/x?token=s&y=1", ok'),
      'see "http://a.example/x?y=1", ok',
    )
  })
})
