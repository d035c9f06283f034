/** Models and tests of accepted proposals: theirs who accepted them, and never written again. */
import { columnName } from "../dbt/column-name.ts"
import type { GeneratedFile } from "../dbt/render.ts"
import type { ColumnProfile } from "./profile.ts"
import { joinName } from "./evidence.ts"
import type { Dimension, Fact, JoinProposal, Proposal, Role } from "./proposals.ts"

const ORIGIN = "Accepted from `odh star suggest`: yours to change."

const CONFIG = "{{ config(materialized = 'table', schema = 'gold', contract = {'enforced': true}) }}"

/** A column's name inside a Jinja expression. */
const argument = (name: string): string => {
  const written = columnName(name)
  return written === name ? `"${name}"` : written.slice(3, -3)
}

const isLink = ({ name }: ColumnProfile): boolean => name === "_id"

/** Ids of rows are text in gold: not every engine has their type. */
const typeOf = (column: ColumnProfile): string => (isLink(column) ? "varchar" : column.type.toLowerCase())
const selected = (column: ColumnProfile): string =>
  isLink(column) ? `cast(_id as varchar) as _id` : columnName(column.name)

const keyOf = ({ model }: Dimension): string => `${model.slice("dim_".length)}_key`

const ranked = ({ key }: Dimension): string => {
  const name = columnName(key.name)
  if (key.isUnique) return `${key.table.reference} where ${name} is not null`
  // The first line of the file speaks for its key.
  const order = key.table.kind === "table" ? "_row" : name
  return `(
    select *, row_number() over (partition by ${name} order by ${order}) as rang from ${key.table.reference} where ${name} is not null
) as ranked
where rang = 1`
}

const siret = (column: string): string => `lpad(cast(${column} as varchar), 14, '0')`

const members = (dimension: Dimension): string => {
  const { key, columns, members: from } = dimension
  if (from._tag === "Shared")
    return `select {{ surrogate_key(["siret"]) }} as ${keyOf(dimension)}, siret
from (
    ${from.columns.map(({ name, table }) => `select ${siret(columnName(name))} as siret from ${table.reference} where ${columnName(name)} is not null`).join("\n    union\n    ")}
) as named`
  const shown = [
    `{{ surrogate_key([${argument(key.name)}]) }} as ${keyOf(dimension)}`,
    ...[key, ...columns].map(selected),
  ]
  return `select\n    ${shown.join(",\n    ")}\nfrom ${ranked(dimension)}`
}

const columnsYaml = (
  columns: ReadonlyArray<{ readonly name: string; readonly type: string; readonly tests?: ReadonlyArray<string> }>,
): ReadonlyArray<string> => [
  "    columns:",
  ...columns.flatMap(({ name, type, tests = [] }) => [
    `      - name: ${JSON.stringify(name)}`,
    `        data_type: ${JSON.stringify(type)}`,
    ...(tests.length === 0 ? [] : ["        data_tests:", ...tests.map((test) => `          - ${test}`)]),
  ]),
]

const modelYaml = (model: string, description: string, body: ReadonlyArray<string>): string =>
  [
    `# ${ORIGIN}`,
    "version: 2",
    "models:",
    `  - name: ${model}`,
    `    description: ${JSON.stringify(description)}`,
    ...body,
    "",
  ].join("\n")

const dimensionFiles = (dimension: Dimension): ReadonlyArray<GeneratedFile> => {
  const { model, key, columns } = dimension
  const unknown = [key, ...columns].map((column) => `cast(null as ${typeOf(column)})`)
  return [
    {
      path: `models/star/${model}.sql`,
      text: `-- ${ORIGIN} One row a ${key.name}; the last one stands for what is not known.\n${CONFIG}\n${members(dimension)}\nunion all\nselect {{ unknown_key() }}, ${unknown.join(", ")}\n`,
    },
    {
      path: `models/star/${model}.yml`,
      text: modelYaml(
        model,
        `One row a ${key.name}.`,
        columnsYaml([
          { name: keyOf(dimension), type: "varchar", tests: ["unique", "not_null"] },
          ...[key, ...columns].map((column) => ({ name: column.name, type: typeOf(column) })),
        ]),
      ),
    },
  ]
}

const condition = ({ from, dimension, to, toType }: Role, alias: string): string => {
  const left = `facts.${columnName(from.name)}`
  const right = `${alias}.${columnName(to)}`
  if (dimension.members._tag === "Shared") return `${siret(left)} = ${right}`
  return from.type === toType && to !== "_id"
    ? `${left} = ${right}`
    : `cast(${left} as varchar) = cast(${right} as varchar)`
}

const roleKey = ({ from, dimension }: Role): string =>
  from.name === "_parent_id" ? keyOf(dimension) : `${from.name}_key`

const factFiles = ({ model, roles, days, columns }: Fact): ReadonlyArray<GeneratedFile> => {
  const table = columns[0]?.table
  if (table === undefined) return []
  const shown = [
    ...roles.map((role, i) => `{{ known_or_unknown("d${i + 1}.${keyOf(role.dimension)}") }} as ${roleKey(role)}`),
    ...columns.map(({ name }) => `facts.${columnName(name)}`),
    "facts._load_id as load_id",
    "facts._row as ligne",
  ]
  const joined = roles.map(
    (role, i) => `left join {{ ref('${role.dimension.model}') }} as d${i + 1} on ${condition(role, `d${i + 1}`)}`,
  )
  const unique = columns.find(({ isUnique }) => isUnique)?.name
  const relationship = (to: string, field: string): string =>
    `relationships: {arguments: {to: ref('${to}'), field: ${field}}}`
  return [
    {
      path: `models/star/${model}.sql`,
      text: `-- ${ORIGIN} One row a row of ${table.name}.\n${CONFIG}\nselect\n    ${shown.join(",\n    ")}\nfrom ${table.reference} as facts\n${joined.map((line) => `${line}\n`).join("")}`,
    },
    {
      path: `models/star/${model}.yml`,
      text: modelYaml(
        model,
        `One row a row of ${table.name}.`,
        columnsYaml([
          ...roles.map((role) => ({
            name: roleKey(role),
            type: "varchar",
            tests: ["not_null", relationship(role.dimension.model, keyOf(role.dimension))],
          })),
          ...columns.map((column) => ({
            name: column.name,
            type: typeOf(column),
            tests: [
              ...(column.name === unique ? ["unique"] : []),
              // A day outside the calendar is worth a word, no more.
              ...(column.type === "DATE" && days.some(({ id }) => id === column.id)
                ? [`relationships: {arguments: {to: ref('dim_date'), field: jour}, config: {severity: warn}}`]
                : []),
            ],
          })),
          { name: "load_id", type: "varchar" },
          { name: "ligne", type: "bigint" },
        ]),
      ),
    },
  ]
}

/** A join is a test: of values that are not found. */
const joinFiles = ({ join }: JoinProposal): ReadonlyArray<GeneratedFile> => {
  const { from, to, share } = join
  const text = (column: ColumnProfile): string =>
    `cast(${column.kind === "day" ? `cast(${columnName(column.name)} as date)` : columnName(column.name)} as varchar)`
  const name = `${from.table.name}_${from.name}_in_${to.table.name}_${to.name}`.replaceAll(/[^a-z0-9_]/g, "_")
  return [
    {
      path: `tests/star/${name}.sql`,
      text: `-- ${ORIGIN} ${joinName(join)}\n{{ config(severity = '${share === 1 ? "error" : "warn"}') }}
select missing.value, count(*) as occurrences
from (select ${text(from)} as value from ${from.table.reference}) as missing
left join (select distinct ${text(to)} as value from ${to.table.reference}) as known on missing.value = known.value
where missing.value is not null and known.value is null
group by missing.value\n`,
    },
  ]
}

/** The files of a proposal, by their path in the project; a fact brings the dimensions that `models` does not have. */
export const filesOf = (proposal: Proposal, models: ReadonlySet<string>): ReadonlyArray<GeneratedFile> => {
  if (proposal.kind === "join") return joinFiles(proposal)
  if (proposal.kind === "dimension") return dimensionFiles(proposal)
  const dimensions = new Map(proposal.roles.map(({ dimension }) => [dimension.model, dimension]))
  return [
    ...[...dimensions.values()].filter(({ model }) => !models.has(model)).flatMap(dimensionFiles),
    ...factFiles(proposal),
  ]
}
