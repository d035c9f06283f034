/** The geometry of a GeoPackage: a head of its own before well-known binary (OGC 12-128r18, §2.1.3). */
const ENVELOPE_BYTES = [0, 32, 48, 48, 64]

/** The well-known binary inside; `undefined` when the geometry says that it is empty. Throws a RangeError when the bytes are none. */
export const wkbOf = (blob: Uint8Array): Uint8Array | undefined => {
  if (blob[0] !== 0x47 || blob[1] !== 0x50) throw new RangeError("a geometry without the head of a GeoPackage")
  const flags = blob[3] ?? 0
  if ((flags & 0x20) !== 0) throw new RangeError("a geometry of an extended type, which is not read")
  if ((flags & 0x10) !== 0) return undefined
  const envelope = ENVELOPE_BYTES[(flags >> 1) & 7]
  if (envelope === undefined || blob.length < 8 + envelope + 5) throw new RangeError("a geometry that stops short")
  return blob.subarray(8 + envelope)
}
