/** Where a byte of the UTF-8 that a file was turned into stands in the file itself. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { characterOf, type SingleByte } from "./single-byte.ts"

/** `offsets` rise; reads no further than the last one needs. For encodings of one byte a character. */
export const sourceOffsets = <E>(
  bytes: Stream.Stream<Uint8Array, E>,
  encoding: SingleByte,
  offsets: ReadonlyArray<number>,
): Effect.Effect<ReadonlyArray<number>, E> =>
  Effect.suspend(() => {
    const lengths = Uint8Array.from({ length: 256 }, (_, byte) => Buffer.byteLength(characterOf(byte, encoding)))
    const found: Array<number> = []
    let at = 0
    let utf8 = 0
    const look = (chunk: Uint8Array): void => {
      let due = offsets[found.length] ?? Infinity
      for (const byte of chunk) {
        while (utf8 >= due) {
          found.push(at)
          due = offsets[found.length] ?? Infinity
        }
        utf8 += lengths[byte] ?? 1
        at++
      }
    }
    return bytes.pipe(
      Stream.tap((chunk) => Effect.sync(() => look(chunk))),
      Stream.takeUntil(() => found.length === offsets.length),
      Stream.runDrain,
      Effect.map(() => offsets.map((_, index) => found[index] ?? at)),
    )
  })
