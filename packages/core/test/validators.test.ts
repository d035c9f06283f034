import { assert, describe, it } from "@effect/vitest"
import { validatorsFor } from "../src/pipeline/extract.ts"
import { anExtraction, aResource } from "./a-resource.ts"

const day = "Sun, 01 Mar 2026 12:00:00 GMT"
const held = (validators: { readonly etag?: string; readonly lastModified?: string }, headers = {}) =>
  anExtraction({ file: { ...anExtraction().file, validators }, headers })

describe("RFC 9111, what is asked about a file that is held", () => {
  it("4.3.1 its validators are sent when the same address is asked for the same file", () => {
    const validators = { etag: '"v1"', lastModified: day }
    assert.deepStrictEqual(validatorsFor(aResource(), held(validators)), validators)
    assert.isUndefined(validatorsFor(aResource(), undefined))
    assert.isUndefined(validatorsFor(aResource({ url: "https://static.data.gouv.fr/other.csv" }), held(validators)))
    assert.isUndefined(validatorsFor(aResource({ portalId: "r2" }), held(validators)))
    assert.isUndefined(validatorsFor(aResource({ siblings: [aResource({ id: "r3" })] }), held(validators)))
  })

  it("4.1 a date says nothing where the answer varies with a header that may differ, or with anything (*)", () => {
    for (const vary of ["*", "User-Agent", "Accept-Encoding, Authorization", "x-api-version"])
      assert.isUndefined(validatorsFor(aResource(), held({ lastModified: day }, { vary })), vary)
    for (const vary of ["Accept-Encoding", "Origin, Accept, Cookie", ""])
      assert.deepStrictEqual(
        validatorsFor(aResource(), held({ lastModified: day }, { vary })),
        { lastModified: day },
        vary,
      )
  })

  it("4.1 an ETag tells representations apart, so it is sent whatever the answer varies with", () => {
    assert.deepStrictEqual(validatorsFor(aResource(), held({ etag: '"v1"' }, { vary: "*" })), { etag: '"v1"' })
  })
})
