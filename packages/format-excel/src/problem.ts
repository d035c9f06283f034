/** What is wrong with a workbook, thrown where it is found and told as an error of core at the edge. */
import { dataQuality, FormatError, misconfigured, type RawFile, type ReadError, terminal } from "@opendatahub-sql/core"

/** `message` says what, `advice` what to do next. */
export class WorkbookProblem extends Error {
  readonly advice: string
  readonly isConfig: boolean

  constructor(message: string, advice: string, isConfig = false) {
    super(message)
    this.advice = advice
    this.isConfig = isConfig
  }
}

const FETCH_AGAIN = "fetch it again, or ask its publisher for a sound workbook"

export const damaged = (message: string): WorkbookProblem => new WorkbookProblem(message, FETCH_AGAIN)

/** A refusal that names the option to raise. */
export const tooLarge = (message: string, option: string): WorkbookProblem =>
  new WorkbookProblem(
    `${message}; refused as a possible bomb`,
    `if the file is known to be sound, raise the option "${option}" of excel`,
  )

/** A workbook that only opens with a password. */
export const passwordProtected = (): WorkbookProblem =>
  new WorkbookProblem("the workbook is protected by a password", "ask its publisher for one without")

/** The error of core for something thrown while reading. */
export const toReadError =
  (file: RawFile) =>
  (cause: unknown): ReadError => {
    const tag = (cause as { readonly _tag?: unknown } | null | undefined)?._tag
    if (tag === "FormatError" || tag === "LakeError") return cause as ReadError
    if (cause instanceof WorkbookProblem) {
      return new FormatError({
        plugin: "excel",
        operation: "read",
        reason: cause.isConfig ? misconfigured : dataQuality,
        message: `${file.name}: ${cause.message}; ${cause.advice}`,
      })
    }
    const isSystem = typeof (cause as { readonly syscall?: unknown } | null | undefined)?.syscall === "string"
    const said = cause instanceof Error ? cause.message : String(cause)
    return new FormatError({
      plugin: "excel",
      operation: "read",
      reason: isSystem ? terminal : dataQuality,
      message: `${file.name}: ${said}; ${isSystem ? "check the disk and its rights" : FETCH_AGAIN}`,
      cause,
    })
  }
