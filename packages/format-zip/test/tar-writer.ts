/** Writes small tars, sound or not: what no real tool writes on purpose. */
export interface Written {
  readonly name: string
  readonly content?: string | Uint8Array
  /** A file when left out. */
  readonly type?: string
  /** What the header says, when it lies. */
  readonly size?: number
}

const BLOCK = 512

const checked = (header: Buffer): Buffer => {
  header.fill(0x20, 148, 156)
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0 `,
    148,
    "latin1",
  )
  return header
}

/** Sizes that octal digits cannot hold are written in base 256. */
const headerOf = ({ name, type = "0", size = 0 }: Written): Buffer => {
  const header = Buffer.alloc(BLOCK)
  header.write(name, 0, 100, "utf8")
  header.write("0000644\0", 100, "latin1")
  if (size < 8 ** 11) header.write(`${size.toString(8).padStart(11, "0")}\0`, 124, "latin1")
  else {
    header[124] = 0x80
    header.writeBigUInt64BE(BigInt(size), 128)
  }
  header.write(type, 156, "latin1")
  header.write("ustar\u000000", 257, "latin1")
  return checked(header)
}

export const writeTar = (entries: ReadonlyArray<Written>, end = true): Buffer =>
  Buffer.concat([
    ...entries.flatMap((entry) => {
      const content = Buffer.from((entry.content ?? "") as string)
      const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)
      return [headerOf({ size: content.length, ...entry }), content, padding]
    }),
    ...(end ? [Buffer.alloc(2 * BLOCK)] : []),
  ])

/** A pax header for what follows. */
export const pax = (records: Readonly<Record<string, string>>, type = "x"): Written => {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = ` ${key}=${value}\n`
    let length = Buffer.byteLength(rest)
    length += String(length + String(length).length).length
    return `${length}${rest}`
  })
  return { name: "pax", type, content: lines.join("") }
}
