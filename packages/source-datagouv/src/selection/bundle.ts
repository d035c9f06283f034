/** Files that only make sense together: a loose shapefile is one resource, and the other parts are its siblings. */
import type { ResourceAnswer } from "../portal/answers.ts"
import { fileName } from "./file-name.ts"

const SIBLINGS = ["dbf", "shx", "prj", "cpg"]

interface Part {
  readonly stem: string
  readonly extension: string
}

/** By the file name, or by the title when the URL ends in nothing like a shapefile's part. */
const partOf = (resource: ResourceAnswer): Part | undefined => {
  for (const name of [fileName(resource.url), (resource.title ?? "").trim()]) {
    const match = /^(.+)\.(shp|dbf|shx|prj|cpg)$/i.exec(name)
    if (match?.[1] !== undefined && match[2] !== undefined)
      return { stem: match[1].toLowerCase(), extension: match[2].toLowerCase() }
  }
  return undefined
}

const daysApart = (a: ResourceAnswer, b: ResourceAnswer): number => {
  const distance = Math.abs(Date.parse(a.created_at ?? "") - Date.parse(b.created_at ?? ""))
  return Number.isNaN(distance) ? Infinity : distance
}

/** The parts of the shapefile that `primary` opens, among all resources of the dataset; of two with one name the one created nearest to it. */
export const siblingsOf = <A extends { readonly answer: ResourceAnswer }>(
  primary: A,
  all: ReadonlyArray<A>,
): ReadonlyArray<A> => {
  const part = partOf(primary.answer)
  if (part?.extension !== "shp") return []
  return SIBLINGS.flatMap((extension) => {
    const candidates = all.filter(({ answer }) => {
      const other = partOf(answer)
      return other?.extension === extension && other.stem === part.stem
    })
    return candidates
      .toSorted((a, b) => daysApart(a.answer, primary.answer) - daysApart(b.answer, primary.answer))
      .slice(0, 1)
  })
}
