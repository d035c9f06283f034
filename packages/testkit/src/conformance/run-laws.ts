/** Runs laws one after the other, each within a time. */
import type { Law } from "@opendatahub-sql/core/testing"
import type { LawReport, SubjectReport } from "./report.ts"

/** Milliseconds that a law may take for one file: those of the kit take a few seconds. */
const LONGEST = 120_000

const withinTime = async (law: Law): Promise<SubjectReport> => {
  const subject = law.subject === undefined ? {} : { file: law.subject }
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end within ${LONGEST / 1_000} s`)), LONGEST)
  })
  try {
    const outcome = await Promise.race([law.run(), late])
    return outcome._tag === "Held"
      ? { ...subject, status: "held", detail: outcome.how ?? "" }
      : { ...subject, status: "skipped", detail: outcome.why }
  } catch (cause) {
    return { ...subject, status: "failed", detail: cause instanceof Error ? cause.message : String(cause) }
  } finally {
    clearTimeout(timer)
  }
}

const statusOf = (subjects: ReadonlyArray<SubjectReport>): LawReport["status"] =>
  subjects.some(({ status }) => status === "failed")
    ? "failed"
    : subjects.some(({ status }) => status === "held")
      ? "held"
      : "skipped"

/** The laws by name, in their order, each with the files that it was run on. `before` is told what begins. */
export const runLaws = async (
  laws: ReadonlyArray<Law>,
  before: (law: Law) => void,
): Promise<ReadonlyArray<LawReport>> => {
  const found = new Map<string, Array<SubjectReport>>()
  for (const law of laws) {
    before(law)
    const subjects = found.get(law.name) ?? []
    found.set(law.name, subjects)
    subjects.push(await withinTime(law))
  }
  return [...found].map(([law, subjects]) => ({ law, status: statusOf(subjects), subjects }))
}
