/** Files for authors who write `async` functions. */
import * as Stream from "effect/Stream"
import type { RawFile } from "../contracts/raw-file.ts"
import type { PromiseFile } from "./file.ts"

/** The same file, without Effect. Leaving a loop over `bytes` closes the file. */
export const promiseFile = (file: RawFile): PromiseFile => ({
  name: file.name,
  size: file.size,
  identity: file.identity,
  ...(file.mediaType === undefined ? {} : { mediaType: file.mediaType }),
  bytes: (range) => Stream.toAsyncIterable(file.bytes(range)),
  siblings: file.siblings.map(promiseFile),
})
