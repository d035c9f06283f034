/** An object of a bucket, as the SDK names it. */
export interface ObjectAddress {
  readonly Bucket: string
  readonly Key: string
}

/** `s3://bucket/a/b`; `s3a` and `s3n` are older names of the same. Throws a `RangeError` for anything else. */
export const addressOf = (location: string): ObjectAddress => {
  const match = /^s3[an]?:\/\/([^/]+)(?:\/(.*))?$/s.exec(location)
  if (match === null) throw new RangeError(`"${location}" is no location in an object store`)
  return { Bucket: match[1] ?? "", Key: match[2] ?? "" }
}
