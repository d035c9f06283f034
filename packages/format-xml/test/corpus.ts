/** The real files of the tests. */
import { readFileSync } from "node:fs"
import { inflateRawSync } from "node:zlib"

export const corpus = (path: string): Buffer =>
  readFileSync(new URL(`../../../fixtures/corpus/${path}`, import.meta.url))

/** The one member of a zip file, by the sizes of its directory. */
const onlyMember = (zip: Buffer): Buffer => {
  const directory = zip.readUInt32LE(zip.lastIndexOf("PK\u0005\u0006", undefined, "latin1") + 16)
  const local = zip.readUInt32LE(directory + 42)
  const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
  return inflateRawSync(zip.subarray(start, start + zip.readUInt32LE(directory + 20)))
}

export const fuel = (): Buffer => onlyMember(corpus("prix-carburants-zip-xml-latin1/PrixCarburants_instantane.zip"))
