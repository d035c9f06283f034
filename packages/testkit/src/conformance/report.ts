/** What a run of the kit found, as data and as text. */

/** One law on one file, or on none: `detail` says what was exercised, what broke, or why it was skipped. */
export interface SubjectReport {
  readonly file?: string
  readonly status: "held" | "failed" | "skipped"
  readonly detail: string
}

/** One law: failed when it failed on any file, held when it held on one at least. */
export interface LawReport {
  readonly law: string
  readonly status: "held" | "failed" | "skipped"
  readonly subjects: ReadonlyArray<SubjectReport>
}

/** One plugin: its laws, and how many of them were kept. */
export interface PluginReport {
  readonly exported: string
  readonly kind: string
  readonly id: string
  readonly files: ReadonlyArray<string>
  readonly score: { readonly held: number; readonly failed: number; readonly skipped: number }
  readonly laws: ReadonlyArray<LawReport>
}

/** The score of laws. */
export const scoreOf = (laws: ReadonlyArray<LawReport>): PluginReport["score"] => {
  const count = (status: LawReport["status"]): number => laws.filter((law) => law.status === status).length
  return { held: count("held"), failed: count("failed"), skipped: count("skipped") }
}

const WORDS = { held: "held   ", failed: "FAILED ", skipped: "skipped" }

/** Of a law that held or was skipped one line, with what it said first; of one that failed, every file it failed on. */
const lawLines = ({ law, status, subjects }: LawReport): ReadonlyArray<string> => {
  const said = subjects.filter((subject) => subject.status === status)
  const files = subjects.length > 1 ? ` (${said.length} of ${subjects.length} files)` : ""
  if (status !== "failed") {
    const detail = said[0]?.detail ?? ""
    return [`  ${WORDS[status]}  ${law}${files}${detail === "" ? "" : `: ${detail}`}`]
  }
  return [
    `  ${WORDS[status]}  ${law}${files}`,
    ...said.map(
      ({ detail, file }) =>
        `             ${file === undefined ? "" : `${file}: `}${detail.replaceAll("\n", "\n             ")}`,
    ),
  ]
}

/** The report of plugins as text, for people. */
export const textReport = (plugins: ReadonlyArray<PluginReport>): string =>
  plugins
    .map(({ exported, files, id, kind, laws, score }) =>
      [
        `${kind} ${id} (export ${exported}), on ${files.length === 0 ? "no file" : files.join(", ")}`,
        ...laws.flatMap(lawLines),
        `  ${score.held} of ${score.held + score.failed} laws held, ${score.skipped} skipped`,
        "",
      ].join("\n"),
    )
    .join("\n")
