/** Where the parts of an xlsx are: relationships (ECMA-376 part 2), and the list of sheets in the workbook. */
import { damaged, WorkbookProblem } from "../problem.ts"
import type { SheetState } from "../sheet.ts"
import type { DateSystem } from "../values/serial-date.ts"
import type { Archive } from "../zip/archive.ts"
import { attributeOf, localName, readXml } from "../zip/xml.ts"

interface SheetPart {
  readonly name: string
  readonly state: SheetState
  /** `undefined`: a chart, a dialogue, a sheet of macros. */
  readonly part: string | undefined
}

export interface WorkbookParts {
  readonly sheets: ReadonlyArray<SheetPart>
  readonly dateSystem: DateSystem
  readonly styles: string | undefined
  readonly sharedStrings: string | undefined
}

interface Relationship {
  readonly id: string
  /** The last word of its type: `worksheet`, `styles`. */
  readonly type: string
  readonly target: string
}

const resolvePart = (base: string, target: string): string => {
  const parts = target.startsWith("/") ? [] : base.split("/").slice(0, -1)
  for (const step of target.replaceAll("\\", "/").split("/")) {
    if (step === "..") parts.pop()
    else if (step !== "." && step !== "") parts.push(step)
  }
  return parts.join("/")
}

const relationshipsOf = async (archive: Archive, part: string): Promise<ReadonlyArray<Relationship>> => {
  const slash = part.lastIndexOf("/")
  const path = `${part.slice(0, slash + 1)}_rels/${part.slice(slash + 1)}.rels`
  if (!archive.has(path)) return []
  const found: Array<Relationship> = []
  await readXml(path, archive.unpack(path), {
    open: (name, { Id, Type = "", Target, TargetMode }) => {
      if (localName(name) !== "Relationship" || Id === undefined || Target === undefined || TargetMode === "External")
        return
      found.push({ id: Id, type: Type.slice(Type.lastIndexOf("/") + 1), target: resolvePart(part, Target) })
    },
    text: () => {},
    close: () => {},
  })
  return found
}

const stateOf = (state: string | undefined): SheetState =>
  state === "hidden" ? "hidden" : state === "veryHidden" ? "very hidden" : "visible"

const findWorkbook = async (archive: Archive): Promise<string> => {
  const main =
    (await relationshipsOf(archive, "")).find(({ type }) => type === "officeDocument")?.target ?? "xl/workbook.xml"
  if (main.toLowerCase().endsWith(".bin"))
    throw new WorkbookProblem(
      "it is a binary workbook (xlsb), which is not read",
      "ask its publisher for xlsx, ods or CSV",
    )
  if (!archive.has(main)) throw damaged(`it is no workbook: its part ${main} is missing`)
  return main
}

/** Reads the list of sheets, in the order of the workbook: the names of parts say nothing. */
export const readParts = async (archive: Archive): Promise<WorkbookParts> => {
  const workbook = await findWorkbook(archive)
  const relationships = await relationshipsOf(archive, workbook)
  const targets = new Map(relationships.map((relationship) => [relationship.id, relationship]))
  const targetOf = (type: string): string | undefined => {
    const target = relationships.find((relationship) => relationship.type === type)?.target
    return target !== undefined && archive.has(target) ? target : undefined
  }
  const sheets: Array<SheetPart> = []
  let dateSystem: DateSystem = 1900
  await readXml(workbook, archive.unpack(workbook), {
    open: (name, attributes) => {
      const local = localName(name)
      if (local === "workbookPr") {
        dateSystem = /^(?:1|true|on)$/.test(attributes["date1904"] ?? "") ? 1904 : 1900
      } else if (local === "sheet" && attributes["name"] !== undefined) {
        const target = targets.get(attributeOf(attributes, "id") ?? "")
        const part =
          target?.type === "worksheet"
            ? target.target
            : target === undefined
              ? `xl/worksheets/sheet${sheets.length + 1}.xml`
              : undefined
        sheets.push({ name: attributes["name"], state: stateOf(attributes["state"]), part })
      }
    },
    text: () => {},
    close: () => {},
  })
  if (sheets.length === 0) throw damaged("it has no sheets")
  return { sheets, dateSystem, styles: targetOf("styles"), sharedStrings: targetOf("sharedStrings") }
}
