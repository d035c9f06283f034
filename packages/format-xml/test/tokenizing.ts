/** What the tokenizer tells of a document, as one list. */
import { bytesOf, Decoder, encodingOf } from "../src/markup/encoding.ts"
import { Tokenizer } from "../src/markup/tokenizer.ts"

/** A start tag with its attributes, a text, or an end tag. */
export type Told =
  | readonly ["open", string, ReadonlyArray<readonly [string, string]>]
  | readonly ["text", string]
  | readonly ["close"]

/** The pieces of a document, texts joined; throws what the tokenizer throws. */
export const tokensOf = (content: Uint8Array | string, step = Number.POSITIVE_INFINITY): ReadonlyArray<Told> => {
  const bytes = typeof content === "string" ? Buffer.from(content) : content
  const encoding = encodingOf(bytes)
  if ("unknown" in encoding) throw new RangeError(encoding.unknown)
  const told: Array<Told> = []
  const tokenizer = new Tokenizer(
    {
      open: (name, attributes) => {
        const pairs = attributes.flatMap((each, i) => (i % 2 === 0 ? [[each, attributes[i + 1] ?? ""] as const] : []))
        told.push(["open", name, pairs])
      },
      text: (text) => {
        const last = told.at(-1)
        if (last?.[0] === "text") told[told.length - 1] = ["text", last[1] + text]
        else told.push(["text", text])
      },
      close: () => {
        told.push(["close"])
      },
    },
    (text) => bytesOf(encoding, text),
    encoding.mark,
  )
  const decoder = new Decoder(encoding)
  for (let at = 0; at < bytes.length; at += step) tokenizer.push(decoder.push(bytes.subarray(at, at + step)))
  tokenizer.push(decoder.end())
  tokenizer.end()
  return told
}
