/** One feature out of its text: its geometry as positions, everything else as exact values. */
import { List, Members, sourceOf, type Value } from "@opendatahub-sql/core/json"
import { GEOMETRY_TYPES, type GeometryType, type Positions, type Shape, shape } from "@opendatahub-sql/geometry"
import { CoordinateParser, type Nest } from "./coordinates.ts"

/** A feature as read. */
export interface Feature {
  readonly id: string | undefined
  /** Its properties, and members that are not GeoJSON's own. */
  readonly values: Members
  /** `undefined`: it has none. */
  readonly shape: Shape | undefined
  /** The `crs` member of the geometry or of the feature, as files before RFC 7946 may have it; `undefined`: none. */
  readonly crs: Value | undefined
  /** Why it cannot be a row with a geometry, in words. */
  readonly broken: string | undefined
  /** What RFC 7946 does not allow and can be lived with, in words. */
  readonly irregular: string | undefined
}

interface Geometry {
  readonly shape: Shape | undefined
  readonly crs: Value | undefined
  readonly foreign: Members | undefined
}

const NO_GEOMETRY: Geometry = { shape: undefined, crs: undefined, foreign: undefined }
const DEPTHS: Readonly<Record<Exclude<GeometryType, "GeometryCollection">, number>> = {
  Point: 0,
  MultiPoint: 1,
  LineString: 1,
  Polygon: 2,
  MultiLineString: 2,
  MultiPolygon: 3,
}

/** Members that would make one object look like another (RFC 7946 §7.1). */
const NOT_OF_FEATURES = new Set(["features", "coordinates", "geometries"])
const NOT_OF_GEOMETRIES = new Set(["features", "geometry", "properties"])
const BBOX = /^\[(?:[-+.\deE]+,){3}(?:(?:[-+.\deE]+,){2})?[-+.\deE]+\]$/

/** Whether a `type` names a geometry. */
export const isGeometryType = (type: string | undefined): type is GeometryType =>
  (GEOMETRY_TYPES as ReadonlyArray<string | undefined>).includes(type)

export class FeatureParser extends CoordinateParser {
  private readonly found: Positions
  private irregular: string | undefined

  /** `positions` gets those of the feature, and is cleared first. */
  constructor(text: string, positions: Positions) {
    super(text, positions)
    this.found = positions
    positions.clear()
  }

  /** Reads the text as one Feature, or as one geometry alone; throws {@link JsonProblem} when it is no JSON. */
  feature(): Feature {
    if (this.peek() !== 0x7b) {
      this.value()
      return this.finish(undefined, new Members(0), NO_GEOMETRY, undefined, "a feature that is no object")
    }
    let type: string | undefined
    let id: string | undefined
    let values = new Members(this.at)
    let geometry = NO_GEOMETRY
    let crs: Value | undefined
    let foreign: Members | undefined
    const seen: Array<string> = []
    this.enter()
    for (let key = this.nextKey(true); key !== undefined; key = this.nextKey(false)) {
      if (seen.includes(key)) this.note(`the member "${key}" twice`)
      seen.push(key)
      const code = this.peek()
      if (key === "geometry") geometry = this.geometry()
      else if (key === "type") type = this.textOrNothing()
      else {
        const value = this.value()
        if (key === "properties") values = this.properties(value, code)
        else if (key === "id") id = this.id(value, code)
        else if (key === "crs") crs = value
        else if (key === "bbox") this.checkBox(value)
        else {
          if (NOT_OF_FEATURES.has(key)) this.note(`a feature with "${key}"`)
          foreign ??= new Members(this.at)
          foreign.keys.push(key)
          foreign.values.push(value)
        }
      }
    }
    if (type !== "Feature")
      this.broken = `a feature whose type is ${type === undefined ? "missing" : JSON.stringify(type)}`
    if (!seen.includes("properties")) this.note('a feature without "properties"')
    if (!seen.includes("geometry")) this.note('a feature without "geometry"')
    if (geometry.foreign !== undefined) {
      foreign ??= new Members(this.at)
      foreign.keys.push("geometry")
      foreign.values.push(geometry.foreign)
    }
    if (foreign !== undefined) {
      values.keys.push(...foreign.keys)
      values.values.push(...foreign.values)
    }
    return this.finish(id, values, geometry, geometry.crs ?? crs)
  }

  /** Reads the text as one geometry that stands for a feature without properties. */
  bareGeometry(): Feature {
    const geometry = this.geometry()
    return this.finish(undefined, geometry.foreign ?? new Members(0), geometry, geometry.crs)
  }

  private finish(
    id: string | undefined,
    values: Members,
    geometry: Geometry,
    crs: Value | undefined,
    broken = this.broken,
  ): Feature {
    if (!Number.isNaN(this.peek())) this.fail("text after the feature")
    if (this.extra) this.note("a position of more than three numbers")
    return { id, values, shape: geometry.shape, crs, broken, irregular: this.irregular }
  }

  private note(irregular: string): void {
    this.irregular ??= irregular
  }

  /** The next key of the object that was entered, its colon read; `undefined` at its end, which is left. */
  private nextKey(isFirst: boolean): string | undefined {
    const code = this.peek()
    if (!isFirst && code !== 0x2c && code !== 0x7d) this.fail('"," or "}" was expected')
    if (code === 0x7d) {
      this.at++
      this.depth--
      return undefined
    }
    if (!isFirst) this.at++
    if (this.peek() !== 0x22) this.fail("a key in double quotes was expected")
    const key = this.string()
    if (this.peek() !== 0x3a) this.fail('":" was expected after a key')
    this.at++
    return key
  }

  private textOrNothing(): string | undefined {
    if (this.peek() === 0x22) return this.string()
    this.value()
    return undefined
  }

  /** Properties that are no object are kept as a column of that name. */
  private properties(value: Value, code: number): Members {
    if (value instanceof Members) return value
    const wrapped = new Members(this.at)
    if (code === 0x6e) return wrapped
    this.note("properties that are no object")
    wrapped.keys.push("properties")
    wrapped.values.push(value)
    return wrapped
  }

  private id(value: Value, code: number): string | undefined {
    if (typeof value === "string" && (code === 0x22 || code === 0x2d || (code >= 0x30 && code <= 0x39))) return value
    this.note('an "id" that is neither text nor number')
    return value === null ? undefined : typeof value === "string" ? value : sourceOf(value, this.text)
  }

  private checkBox(value: Value): void {
    if (!(value instanceof List) || !BBOX.test(sourceOf(value, this.text)))
      this.note('a "bbox" that is not four or six numbers')
  }

  private geometry(): Geometry {
    if (this.peek() !== 0x7b) {
      const isNull = this.peek() === 0x6e
      this.value()
      if (!isNull) this.broken ??= "a geometry that is no object"
      return NO_GEOMETRY
    }
    let type: string | undefined
    let nest: Nest | undefined
    let members: ReadonlyArray<Shape> | undefined
    let crs: Value | undefined
    let foreign: Members | undefined
    const from = this.found.length
    this.enter()
    for (let key = this.nextKey(true); key !== undefined; key = this.nextKey(false)) {
      if (key === "coordinates" && nest === undefined) nest = this.coordinates()
      else if (key === "type") type = this.textOrNothing()
      else if (key === "geometries" && members === undefined) members = this.geometries()
      else {
        const value = this.value()
        if (key === "crs") crs = value
        else if (key === "bbox") this.checkBox(value)
        else {
          if (NOT_OF_GEOMETRIES.has(key)) this.note(`a geometry with "${key}"`)
          foreign ??= new Members(this.at)
          foreign.keys.push(key)
          foreign.values.push(value)
        }
      }
    }
    return { shape: this.shapeOf(type, from, nest, members), crs, foreign }
  }

  private shapeOf(
    type: string | undefined,
    from: number,
    nest: Nest | undefined,
    members: ReadonlyArray<Shape> | undefined,
  ): Shape | undefined {
    const to = this.found.length
    if (!isGeometryType(type)) {
      this.broken ??= `a geometry whose type is ${type === undefined ? "missing" : JSON.stringify(type)}`
      return undefined
    }
    if (type === "GeometryCollection") {
      if (members === undefined) this.broken ??= 'a GeometryCollection without "geometries"'
      return shape(type, from, to, { members: members ?? [] })
    }
    if (nest === undefined) this.broken ??= `a ${type} without "coordinates"`
    else if (to > from && nest.depth !== DEPTHS[type])
      this.broken ??= `a ${type} whose coordinates are nested ${nest.depth + 1} deep, not ${DEPTHS[type] + 1}`
    else if (type === "LineString" && to - from === 1) this.note("a line of one position")
    else if (type === "MultiLineString" && nest.lines.includes(1)) this.note("a line of one position")
    return shape(type, from, to, { lines: nest?.lines ?? [], polygons: nest?.groups ?? [] })
  }

  private geometries(): ReadonlyArray<Shape> | undefined {
    if (this.peek() !== 0x5b) {
      this.value()
      return undefined
    }
    const shapes: Array<Shape> = []
    this.enter()
    if (this.peek() === 0x5d) this.at++
    else {
      for (;;) {
        const isObject = this.peek() === 0x7b
        const { shape: member } = this.geometry()
        if (!isObject) this.broken ??= "a member of a GeometryCollection that is no geometry"
        if (member?.type === "GeometryCollection") this.note("a GeometryCollection within another")
        if (member !== undefined) shapes.push(member)
        const code = this.peek()
        if (code !== 0x2c && code !== 0x5d) this.fail('"," or "]" was expected')
        this.at++
        if (code === 0x5d) break
      }
    }
    this.depth--
    return shapes
  }
}
