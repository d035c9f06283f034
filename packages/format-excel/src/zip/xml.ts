/** XML parts, piece by piece: what a visitor wants of them, and no more in memory than one piece. */
import { TextDecoder } from "node:util"
import { SaxesParser, type SaxesTagPlain } from "saxes"
import { damaged } from "../problem.ts"

/** Names as written, with their prefix. */
export interface XmlVisitor {
  readonly open: (name: string, attributes: Readonly<Record<string, string>>) => void
  readonly text: (text: string) => void
  readonly close: (name: string) => void
}

/** Characters between two tags, or of one tag. The longest cell of Excel has 32,767. */
const MOST_WITHOUT_TAG = 33_554_432

const decoderOf = (first: Uint8Array): TextDecoder => {
  const [a, b, c] = first
  if ((a === 0xff && b === 0xfe) || (a === 0x3c && b === 0)) return new TextDecoder("utf-16le", { fatal: true })
  if ((a === 0xfe && b === 0xff) || (a === 0 && c === 0)) return new TextDecoder("utf-16be", { fatal: true })
  return new TextDecoder("utf-8", { fatal: true })
}

/** `x:row` is `row`: some programs put a prefix before every name. */
export const localName = (name: string): string => {
  const colon = name.indexOf(":")
  return colon < 0 ? name : name.slice(colon + 1)
}

/** The attribute of this local name, whatever its prefix. */
export const attributeOf = (attributes: Readonly<Record<string, string>>, local: string): string | undefined => {
  if (Object.hasOwn(attributes, local)) return attributes[local]
  const name = Object.keys(attributes).find((key) => key.endsWith(`:${local}`))
  return name === undefined ? undefined : attributes[name]
}

/** Parses a part; each step is one chunk of its bytes, so that what the visitor gathered can be taken in between. */
export async function* visitXml(
  part: string,
  bytes: AsyncIterable<Uint8Array>,
  visitor: XmlVisitor,
): AsyncGenerator<void> {
  const parser = new SaxesParser()
  let quiet = 0
  parser.on("opentag", (tag: SaxesTagPlain) => {
    quiet = 0
    visitor.open(tag.name, tag.attributes)
  })
  parser.on("text", visitor.text)
  parser.on("cdata", visitor.text)
  parser.on("closetag", (tag: SaxesTagPlain) => {
    quiet = 0
    visitor.close(tag.name)
  })
  parser.on("error", (error) => {
    throw damaged(`${part} is no sound XML: ${error.message}`)
  })
  let decoder: TextDecoder | undefined
  const decode = (chunk: Uint8Array | undefined): string => {
    try {
      return chunk === undefined
        ? (decoder?.decode() ?? "")
        : (decoder ??= decoderOf(chunk)).decode(chunk, { stream: true })
    } catch {
      throw damaged(`${part} is not in the encoding that it should be in`)
    }
  }
  for await (const chunk of bytes) {
    const text = decode(chunk)
    quiet += text.length
    if (text !== "") parser.write(text)
    if (quiet > MOST_WITHOUT_TAG) throw damaged(`${part} has more than ${MOST_WITHOUT_TAG} characters without a tag`)
    yield
  }
  const rest = decode(undefined)
  if (rest !== "") parser.write(rest)
  parser.close()
  yield
}

/** Parses a small part at once. */
export const readXml = async (part: string, bytes: AsyncIterable<Uint8Array>, visitor: XmlVisitor): Promise<void> => {
  const steps = visitXml(part, bytes, visitor)
  while ((await steps.next()).done !== true);
}
