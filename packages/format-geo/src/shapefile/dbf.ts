/** Attributes of a shapefile: a dBASE III table of fixed-length records. */
import type { Cell, Column } from "@opendatahub-sql/core"
import type { Decode } from "./code-page.ts"

/** A field of the table; `offset` is its place in a record, in bytes. */
export interface DbfField {
  readonly name: string
  /** `C` text, `N` and `F` number, `D` date, `L` logical, others as text. */
  readonly type: string
  readonly length: number
  readonly decimals: number
  readonly offset: number
}

/** What the head of the file says. */
export interface DbfHeader {
  readonly records: number
  readonly headerBytes: number
  readonly recordBytes: number
  readonly driver: number
  readonly fields: (decode: Decode) => ReadonlyArray<DbfField>
}

const FIELD_BYTES = 32
const TERMINATOR = 0x0d

/** Reads the head; throws a RangeError when it is none. `bytes` must hold all of it. */
export const dbfHeader = (bytes: Uint8Array): DbfHeader => {
  if (bytes.length < FIELD_BYTES) throw new RangeError("it is no DBF file")
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const headerBytes = view.getUint16(8, true)
  const recordBytes = view.getUint16(10, true)
  if (headerBytes < FIELD_BYTES + 1 || headerBytes > bytes.length || recordBytes === 0)
    throw new RangeError("the head of the DBF file is damaged")
  const fields = (decode: Decode): ReadonlyArray<DbfField> => {
    const found: Array<DbfField> = []
    const names = new Set<string>()
    let offset = 1
    for (let at = FIELD_BYTES; at + FIELD_BYTES <= headerBytes && bytes[at] !== TERMINATOR; at += FIELD_BYTES) {
      const raw = bytes.subarray(at, at + 11)
      const end = raw.indexOf(0)
      const wanted = decode(end === -1 ? raw : raw.subarray(0, end)).trim()
      let name = wanted
      for (let n = 2; names.has(name); n++) name = `${wanted}_${n}`
      names.add(name)
      const length = view.getUint8(at + 16)
      found.push({
        name,
        type: String.fromCharCode(view.getUint8(at + 11)),
        length,
        decimals: view.getUint8(at + 17),
        offset,
      })
      offset += length
    }
    if (offset > recordBytes) throw new RangeError("the fields of the DBF file are longer than its records")
    return found
  }
  return { records: view.getUint32(4, true), headerBytes, recordBytes, driver: view.getUint8(29), fields }
}

/** Whole numbers that fit 64 bits have their type; other numbers find theirs on the whole file, exactly. Texts are texts. */
export const dbfColumn = ({ name, type, length, decimals }: DbfField): Column => {
  if (type === "N" && decimals === 0 && length <= 18) return { name, type: "bigint" }
  if (type === "D") return { name, type: "date" }
  if (type === "L") return { name, type: "boolean" }
  return type === "N" || type === "F" ? { name } : { name, type: "text" }
}

const LOGICAL: Readonly<Record<string, boolean>> = {
  T: true,
  t: true,
  Y: true,
  y: true,
  F: false,
  f: false,
  N: false,
  n: false,
}

const realDate = (text: string): string | undefined => {
  const iso = /^(\d{4})(\d\d)(\d\d)$/.exec(text)?.slice(1).join("-")
  const at = iso === undefined ? Number.NaN : Date.parse(`${iso}T00:00:00Z`)
  return iso !== undefined && !Number.isNaN(at) && new Date(at).toISOString().startsWith(iso) ? iso : undefined
}

/** The cell of a field, NULL where it is blank; `undefined` when its text is not of its type. */
export const dbfCell = (field: DbfField, text: string): Cell | undefined => {
  switch (field.type) {
    case "N":
    case "F": {
      const number = text.trim()
      // Asterisks: a number that was too long for its field.
      if (number === "" || /^\*+$/.test(number)) return null
      if (dbfColumn(field).type === "bigint") return /^[+-]?\d+$/.test(number) ? BigInt(number) : undefined
      return number
    }
    case "D": {
      const date = text.trim()
      return date === "" || /^0+$/.test(date) ? null : realDate(date)
    }
    case "L": {
      const word = text.trim()
      return word === "" || word === "?" ? null : LOGICAL[word]
    }
    default: {
      // Fields are padded with blanks, or by some tools with zero bytes.
      const value = text.replace(/[ \0]+$/, "")
      return value === "" ? null : value
    }
  }
}

/** Versions of dBASE, FoxPro and Clipper, with memos or without. */
const VERSIONS: ReadonlySet<number> = new Set([
  2, 3, 4, 5, 0x30, 0x31, 0x32, 0x43, 0x63, 0x83, 0x8b, 0x8c, 0xcb, 0xf5, 0xfb,
])

/** Whether the head of a file is that of a table: a version that was, and fields that fill the records. */
export const isDbf = (head: Uint8Array): boolean => {
  if (!VERSIONS.has(head[0] ?? 0)) return false
  try {
    const { fields, recordBytes } = dbfHeader(head)
    const found = fields((bytes) => Buffer.from(bytes).toString("latin1"))
    return found.length > 0 && found.reduce((sum, { length }) => sum + length, 1) <= recordBytes
  } catch {
    return false
  }
}
