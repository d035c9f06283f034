/** What was found about a file, as plain data: shown by `odh inspect`, kept with the load. */
import type { JsonObject } from "@opendatahub-sql/core"
import type { Layout } from "./dialect/layout.ts"
import type { Survey } from "./survey/survey.ts"

/** Facts that do not depend on how the records are read. Bytes count from 0, lines from 1. */
export const factsOf = ({ encoding, mark, bytes }: Survey, layout: Layout): JsonObject => ({
  bytes,
  encoding: {
    name: encoding.name,
    why: encoding.why,
    mark,
    ...(encoding.damagedBytes === 0 ? {} : { damagedBytes: encoding.damagedBytes, damagedAt: encoding.damagedAt }),
  },
  dialect: {
    delimiter: layout.dialect.delimiter ?? null,
    quote: layout.dialect.quote ?? null,
    escape: layout.dialect.escape,
    ...(layout.dialect.initialSpace === true ? { skipInitialSpace: true } : {}),
    ...(layout.dialect.comment === undefined ? {} : { comment: layout.dialect.comment }),
    why: layout.why.dialect,
    ...(layout.notWellFormed === undefined ? {} : { notWellFormed: layout.notWellFormed }),
  },
  header: {
    lines: layout.headerLines,
    why: layout.why.header,
    titles: layout.titles,
    ...(layout.units === undefined ? {} : { units: layout.units }),
  },
})
