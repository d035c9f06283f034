/** Chunks of UTF-8 in, table events out: the pure middle of `read`. */
import { type Json, rawText, type RejectCode, type TableEvent } from "@opendatahub-sql/core"
import {
  BATCH_ROWS,
  type Encoding,
  factOf,
  JsonProblem,
  Lines,
  parseValue,
  Tables,
  type Taken,
  textOf,
  type Visitor,
  Walker,
} from "@opendatahub-sql/core/json"
import { type Crs, GEOMETRY_COLUMNS, GeometryEncoder, Positions } from "@opendatahub-sql/geometry"
import { crsOfMember, DEFAULT_CRS, type NamedCrs } from "./crs-member.ts"
import { type Feature, FeatureParser, isGeometryType } from "./feature.ts"
import { invalid } from "./validation.ts"

/** Bytes of features that may wait for their batch. */
const BATCH_BYTES = 4_194_304
/** Bytes of a member beside the features that are kept as a fact. */
const FACT_BYTES = 16_384

/** How a file is read; `crs` overrules what the file says, `crsAtEnd` is what stands after the features. */
export interface Reading {
  readonly lines: boolean
  readonly validate: boolean
  readonly crs: NamedCrs | undefined
  readonly crsAtEnd: NamedCrs | undefined
}

/** An outermost object; a file has one, or one after the other. */
interface Root {
  readonly start: number
  /** Its members but the features, as text. */
  readonly members: Map<string, string>
  /** Of its features; undefined until they begin. */
  crs: NamedCrs | undefined
}
type Context = { readonly at: "file" } | { readonly at: "root" | "features"; readonly root: Root }

/** A coordinate system that is named and not known: the configuration must say what it is. */
export class UnknownCrs extends Error {}

/** TopoJSON: its shapes are made of arcs that they share, so no feature stands alone. */
export class TopoJson extends Error {}

const known = ({ name, crs }: NamedCrs): Crs => {
  if (crs !== undefined) return crs
  throw new UnknownCrs(`the coordinates are in ${JSON.stringify(name)}, which is not in our table`)
}

export class Reader {
  private readonly reading: Reading
  private readonly encoding: Encoding
  private readonly tables = new Tables(Number.POSITIVE_INFINITY, GEOMETRY_COLUMNS, "id")
  private readonly encoder: GeometryEncoder
  private readonly positions = new Positions()
  private readonly source: Lines | Walker<Context>
  private readonly facts: { [key: string]: Json } = {}
  private readonly left: Array<string> = []
  private events: Array<TableEvent> = []
  private waiting = 0
  private taken = 0
  private foreign = 0
  private firstProblem: JsonProblem | undefined

  constructor(reading: Reading, encoding: Encoding) {
    this.reading = reading
    this.encoding = encoding
    this.encoder = new GeometryEncoder(reading.validate)
    this.tables.start("main")
    this.source = reading.lines
      ? new Lines((line, last) => this.line(line, last), encoding.mark)
      : new Walker<Context>(this.visitor, { at: "file" }, encoding.mark, true)
  }

  /** The events that these bytes complete. */
  push(chunk: Uint8Array): Array<TableEvent> {
    this.source.push(chunk)
    return this.drain()
  }

  /** The last events; call after the last chunk. */
  end(): Array<TableEvent> {
    this.source.end()
    if (this.taken === 0 && this.firstProblem !== undefined) throw this.firstProblem
    this.flush()
    this.events.push({
      _tag: "Facts",
      table: "main",
      facts: {
        ...this.encoder.facts,
        ...(this.foreign > 0 ? { featuresInWindows1252: this.foreign } : {}),
        ...(Object.keys(this.facts).length > 0 ? { collection: this.facts } : {}),
        ...(this.left.length > 0 ? { collectionMembersLeftOut: this.left } : {}),
      },
    })
    return this.drain()
  }

  private readonly visitor: Visitor<Context> = {
    open: (context, key, kind, start) => {
      if (context.at === "file" && kind === "object") {
        return { at: "root", root: { start, members: new Map(), crs: undefined } }
      }
      if (context.at !== "root" || key !== "features" || kind !== "array") return "take"
      this.beginFeatures(context.root)
      return { at: "features", root: context.root }
    },
    close: (context, end) => {
      if (context.at === "root") this.endRoot(context.root, end)
    },
    value: (context, key, value) => {
      if (context.at === "features")
        this.record(value, textOf(value.bytes, this.onForeign), context.root.crs ?? DEFAULT_CRS)
      else if (context.at === "root") this.member(context.root, key ?? "", value)
      else
        throw new JsonProblem(`the outermost value is no object, but ${textOf(value.bytes).slice(0, 20)}`, value.start)
    },
  }

  private readonly onForeign = (): void => {
    this.foreign++
  }

  private member(root: Root, key: string, value: Taken): void {
    if (key === "features") throw new JsonProblem('"features" is no list', value.start)
    if (root.members.has(key)) throw new JsonProblem(`the member "${key}" twice`, value.start)
    const text = textOf(value.bytes)
    if (key === "type" && text === '"Topology"')
      throw new TopoJson(
        "it is TopoJSON, which is not read: ask for GeoJSON, or convert it (`topo2geo` of topojson-client)",
      )
    root.members.set(key, text)
    if (key !== "crs" || root.crs === undefined || this.reading.crs !== undefined) return
    // Features were read already: the end of the file was looked at before, so this is the same system, or the file is too odd to read.
    if (crsOfMember(parseValue(textOf(value.bytes))).name === root.crs.name) return
    throw new JsonProblem(
      "a `crs` after the features that was not found at the end of the file; name it with the option `crs`,",
      value.start,
    )
  }

  private beginFeatures(root: Root): void {
    const type = root.members.get("type")
    if (type !== undefined) this.checkCollection(root, type)
    if (root.crs !== undefined) throw new JsonProblem('the member "features" twice', root.start)
    const member = root.members.get("crs")
    root.crs =
      this.reading.crs ??
      (member === undefined ? (this.reading.crsAtEnd ?? DEFAULT_CRS) : crsOfMember(parseValue(member)))
  }

  private checkCollection(root: Root, type: string | undefined): void {
    if (type !== '"FeatureCollection"')
      throw new JsonProblem(
        `a list of features in an object whose type is ${type ?? "missing"}, not "FeatureCollection"`,
        root.start,
      )
  }

  private endRoot(root: Root, end: number): void {
    const { members } = root
    const type = members.get("type")
    if (root.crs === undefined) return this.endSingle(root, type, end)
    this.checkCollection(root, type)
    const confusing = ["coordinates", "geometries", "geometry"].find((key) => members.has(key))
    if (this.reading.validate && confusing !== undefined)
      throw new JsonProblem(`a FeatureCollection with "${confusing}"`, root.start)
    if (root.crs === this.reading.crsAtEnd && !members.has("crs")) {
      throw new JsonProblem(
        "features that follow each other in several collections, of which only the last one has a `crs`; name it with the option `crs`,",
        root.start,
      )
    }
    for (const [key, text] of members) {
      if (key === "type" || key === "crs") continue
      if (text.length > FACT_BYTES) this.left.push(key)
      else {
        parseValue(text)
        this.facts[key] = factOf(text)
      }
    }
  }

  /** An object that is one feature, or one geometry. */
  private endSingle(root: Root, type: string | undefined, end: number): void {
    const name = type === undefined ? undefined : parseValue(type)
    const isGeometry = typeof name === "string" && isGeometryType(name)
    if (name !== "Feature" && !isGeometry) {
      throw new JsonProblem(
        name === "FeatureCollection"
          ? 'a FeatureCollection without "features"'
          : `an object whose type is ${type ?? "missing"}, which is not GeoJSON`,
        root.start,
      )
    }
    const text = `{${[...root.members].map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(",")}}`
    this.record({ start: root.start, end }, text, DEFAULT_CRS, isGeometry)
  }

  private line(line: Taken, last: boolean): void {
    const text = textOf(line.bytes, this.onForeign)
    try {
      this.record(line, text, DEFAULT_CRS)
    } catch (problem) {
      // A last line that stops short, with no line feed after it, is a file that was cut.
      if (problem instanceof JsonProblem && problem.incomplete && !last)
        this.reject(line, text, "json-syntax", problem.message)
      else throw problem
    }
  }

  private record(
    { start, end }: Pick<Taken, "start" | "end">,
    text: string,
    crs: NamedCrs,
    isBareGeometry = false,
  ): void {
    const problem = this.take(text, start, crs, isBareGeometry)
    if (problem === undefined) this.taken++
    else this.reject({ start, end }, text, problem.code, problem.message)
    this.waiting += end - start
    if (this.waiting >= BATCH_BYTES || this.tables.fullest >= BATCH_ROWS) this.flush()
  }

  /** Adds a feature as a row; says why when it cannot be one. */
  private take(
    text: string,
    start: number,
    crs: NamedCrs,
    isBareGeometry: boolean,
  ): { readonly code: RejectCode; readonly message: string } | undefined {
    const parser = new FeatureParser(text, this.positions)
    let feature: Feature
    try {
      feature = isBareGeometry ? parser.bareGeometry() : parser.feature()
    } catch (problem) {
      if (!(problem instanceof JsonProblem)) throw problem
      if (problem.incomplete && this.reading.lines)
        throw new JsonProblem(problem.message, start + Buffer.byteLength(text.slice(0, problem.at)), true)
      return { code: "json-syntax", message: problem.message }
    }
    const wrong = this.reading.validate ? invalid(text, feature, this.positions, isBareGeometry) : undefined
    const message = wrong ?? feature.broken ?? this.encode(feature, crs)
    if (message !== undefined) return { code: "invalid-feature", message }
    this.tables.append("main", feature.values, text, feature.id, this.encoder.cells)
    return undefined
  }

  private encode({ shape, crs }: Feature, ofFile: NamedCrs): string | undefined {
    if (shape === undefined) {
      this.encoder.none()
      return undefined
    }
    const named = this.reading.crs ?? (crs === undefined ? ofFile : crsOfMember(crs))
    return this.encoder.encode(this.positions, shape, known(named))
  }

  private reject({ start, end }: Pick<Taken, "start" | "end">, text: string, code: RejectCode, message: string): void {
    this.firstProblem ??= new JsonProblem(`no feature can be read; the first: ${message}`, start)
    this.tables.reject("main", {
      raw: rawText(text),
      code,
      message,
      ...(this.encoding.name === "utf-8" ? { byte: start, byteLength: end - start } : {}),
    })
  }

  private flush(): void {
    this.events.push(...this.tables.flush())
    this.waiting = 0
  }

  private drain(): Array<TableEvent> {
    const { events } = this
    this.events = []
    return events
  }
}
