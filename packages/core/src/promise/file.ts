import type { ByteRange } from "../contracts/probe.ts"

/** A file of the lake, or a member of one. `size` in bytes; `bytes` may be called again, each time from the start or in a range. */
export interface PromiseFile {
  readonly name: string
  readonly size: number | undefined
  readonly identity: string
  readonly mediaType?: string
  readonly bytes: (range?: ByteRange) => AsyncIterable<Uint8Array>
  readonly siblings: ReadonlyArray<PromiseFile>
}
