/** The records of a `.shp` file (ESRI Shapefile technical description, 1998), cut out of its bytes as they come. */
import { Positions, type Shape, shape } from "@opendatahub-sql/geometry"
import { polygonsOf } from "./polygons.ts"

const HEADER_BYTES = 100
const FILE_CODE = 9_994
/** Bytes of one record that are held at once. */
const MOST_BYTES = 268_435_456
/** Less than this stands for no value. */
const NO_DATA = -1e38

/** Why bytes are no shapefile; `incomplete` when they were cut. */
export class ShapefileProblem extends Error {
  readonly at: number
  readonly incomplete: boolean
  constructor(message: string, at: number, incomplete = false) {
    super(message)
    this.at = at
    this.incomplete = incomplete
  }
}

/** Whether a file begins like a `.shp` file. */
export const isShp = (head: Uint8Array): boolean => {
  if (head.length < 36) return false
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  return view.getInt32(0) === FILE_CODE && view.getInt32(28, true) === 1_000
}

/** Cuts chunks into records. */
export class ShpRecords {
  private readonly onRecord: (content: Uint8Array) => void
  private pieces: Array<Uint8Array> = []
  private held = 0
  /** Bytes that must be held before the next step can be made. */
  private needed = HEADER_BYTES
  /** Byte of the file that the pieces begin at. */
  private offset = 0
  private length: number | undefined

  /** `onRecord` gets what follows the head of each record; the bytes are only good during the call. */
  constructor(onRecord: (content: Uint8Array) => void) {
    this.onRecord = onRecord
  }

  push(chunk: Uint8Array): void {
    this.pieces.push(chunk.slice())
    this.held += chunk.length
    if (this.held < this.needed) return
    const bytes = Buffer.concat(this.pieces)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let at = 0
    if (this.length === undefined) {
      if (!isShp(bytes)) throw new ShapefileProblem("its head is not that of a shapefile", 0)
      this.length = view.getInt32(24) * 2
      at = HEADER_BYTES
    }
    this.needed = 8
    while (at + 8 <= bytes.length && this.offset + at < this.length) {
      const size = view.getInt32(at + 4) * 2
      if (size < 4 || size > MOST_BYTES) throw new ShapefileProblem(`a record of ${size} bytes`, this.offset + at)
      if (at + 8 + size > bytes.length) {
        this.needed = 8 + size
        break
      }
      this.onRecord(bytes.subarray(at + 8, at + 8 + size))
      at += 8 + size
    }
    this.keep(bytes, at)
  }

  /** Call after the last chunk. */
  end(): void {
    const end = this.offset + this.held
    if (this.length === undefined) throw new ShapefileProblem("the file ends inside its head", end, true)
    if (this.offset < this.length)
      throw new ShapefileProblem(`the file ends before its ${this.length} bytes`, end, true)
  }

  private keep(bytes: Uint8Array, from: number): void {
    this.offset += from
    this.pieces = [bytes.subarray(from)]
    this.held = bytes.length - from
  }
}

/** Reads shapes; the positions of the last one are in `positions`. */
export class ShapeReader {
  readonly positions = new Positions()
  private readonly scratch = new Positions()

  /** The shape of a record, `undefined` for none; throws a RangeError when its bytes are no shape. */
  read(content: Uint8Array): Shape | undefined {
    this.positions.clear()
    this.scratch.clear()
    const view = new DataView(content.buffer, content.byteOffset, content.byteLength)
    const code = view.getInt32(0, true)
    if (code === 0) return undefined
    const hasZ = code > 10 && code < 20
    const plain = code % 10
    if (code === 31 || code > 28 || code < 0) throw new RangeError(`a shape of type ${code}, which is not read`)
    if (plain === 1) {
      this.push(this.positions, view, 4, 1, hasZ ? 20 : undefined)
      return shape("Point", 0, 1)
    }
    if (plain === 8) {
      const count = view.getInt32(36, true)
      this.push(this.positions, view, 40, count, hasZ ? 40 + count * 16 + 16 : undefined)
      return shape("MultiPoint", 0, count)
    }
    if (plain !== 3 && plain !== 5) throw new RangeError(`a shape of type ${code}, which is not read`)
    const parts = view.getInt32(36, true)
    const count = view.getInt32(40, true)
    const points = 44 + parts * 4
    if (parts < 0 || count < 0 || points + count * 16 > view.byteLength)
      throw new RangeError("a shape that stops short")
    const starts = Array.from({ length: parts }, (_, part) => view.getInt32(44 + part * 4, true))
    const lengths = starts.map((start, part) => (starts[part + 1] ?? count) - start)
    if ((starts[0] ?? 0) !== 0 || lengths.some((length) => length < 0))
      throw new RangeError("a shape whose parts are not in order")
    const heights = hasZ ? points + count * 16 + 16 : undefined
    if (plain === 3) {
      this.push(this.positions, view, points, count, heights)
      return parts === 1 ? shape("LineString", 0, count) : shape("MultiLineString", 0, count, { lines: lengths })
    }
    this.push(this.scratch, view, points, count, heights)
    return this.polygons(lengths)
  }

  /** `heights`: where those of all points stand, one after the other. */
  private push(to: Positions, view: DataView, from: number, count: number, heights: number | undefined): void {
    for (let n = 0; n < count; n++) {
      const height = heights === undefined ? Number.NaN : view.getFloat64(heights + n * 8, true)
      to.push(
        view.getFloat64(from + n * 16, true),
        view.getFloat64(from + n * 16 + 8, true),
        height < NO_DATA ? Number.NaN : height,
      )
    }
  }

  private polygons(lengths: ReadonlyArray<number>): Shape {
    const { xyz } = this.scratch
    const polygons = polygonsOf(this.scratch, lengths)
    for (const ring of polygons.flat()) {
      for (let at = ring.from; at < ring.to; at++)
        this.positions.push(xyz[at * 3] ?? 0, xyz[at * 3 + 1] ?? 0, xyz[at * 3 + 2] ?? 0)
    }
    const lines = polygons.flat().map(({ from, to }) => to - from)
    const to = this.positions.length
    return polygons.length === 1
      ? shape("Polygon", 0, to, { lines })
      : shape("MultiPolygon", 0, to, { lines, polygons: polygons.map(({ length }) => length) })
  }
}
