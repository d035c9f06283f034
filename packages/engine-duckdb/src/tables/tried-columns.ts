/**
 * A column with a few values that are not plain: a cast that may fail reads it in half the time of the proof, and is right about all plain values.
 * Whether it is right about the others too is asked of the engine, as all of them are known.
 */
import type { EngineError, PlainValues } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import type { Connection } from "../database/database.ts"
import { listLiteral } from "../database/sql.ts"
import type { Rule } from "../typing/rule.ts"
import { typingQuery } from "../typing/typing-sql.ts"
import type { PlainColumns } from "./plain-columns.ts"

/** The columns, those that must be proven after all left to the proof. */
export const withTriedColumns = Effect.fnUntraced(function* (
  plain: PlainColumns,
  rules: ReadonlyArray<Rule>,
  { columns: found }: PlainValues,
  connection: Connection,
): Effect.fn.Return<PlainColumns, EngineError> {
  const tried = rules.flatMap((rule, index) =>
    plain.columns[index] === "tried" ? [{ index, rule, name: `c${index}`, texts: found[index]?.examples ?? [] }] : [],
  )
  if (tried.length === 0) return plain
  const lists = tried.map(({ texts }) => `unnest(${listLiteral(texts)}::varchar[])`)
  const source = `select ${lists.join(", ")}, unnest(range(${Math.max(...tried.map(({ texts }) => texts.length))}))`
  const reading = (as: "tried" | undefined): string =>
    typingQuery({ source, columns: tried.map(({ name, rule }) => ({ name, rule, plain: as })), hidden: ["i"] })
  const differ = tried.map(({ name }) => `bool_or(t.${name} is distinct from p.${name}) as ${name}`)
  const row = yield* connection.one(
    `select ${differ.join(", ")} from (${reading("tried")}) t join (${reading(undefined)}) p using (i)`,
    "compare two ways of reading values",
  )
  const wrong = new Set(tried.flatMap(({ index, name }) => (row[name] === false ? [] : [index])))
  return { ...plain, columns: plain.columns.map((column, index) => (wrong.has(index) ? undefined : column)) }
})
