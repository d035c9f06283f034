/** Keys, joins, dimensions and facts out of joins: decisions on figures and names alone. */
import type { InnerDimension, SharedCode } from "./dimensions.ts"
import type { Join } from "./joins.ts"
import type { ColumnProfile } from "./profile.ts"

/** Where the members of a dimension are from. */
export type Members =
  | { readonly _tag: "Table" }
  | { readonly _tag: "Inner" }
  | { readonly _tag: "Shared"; readonly columns: ReadonlyArray<ColumnProfile> }

/** A dimension: a table that others name rows of, or codes inside other tables. */
export interface Dimension {
  readonly kind: "dimension"
  readonly model: string
  /** The column that names a member. */
  readonly key: ColumnProfile
  readonly columns: ReadonlyArray<ColumnProfile>
  readonly members: Members
  readonly usedBy: ReadonlyArray<string>
}

/** How a column of a fact finds its member: by `to` of the dimension. */
export interface Role {
  readonly from: ColumnProfile
  readonly dimension: Dimension
  readonly to: string
  readonly toType: string
}

/** A fact: a table with measures and the dimensions that its columns name. */
export interface Fact {
  readonly kind: "fact"
  readonly model: string
  readonly roles: ReadonlyArray<Role>
  readonly days: ReadonlyArray<ColumnProfile>
  readonly measures: ReadonlyArray<ColumnProfile>
  readonly columns: ReadonlyArray<ColumnProfile>
}

/** A join with examples of what it misses. */
export interface JoinProposal {
  readonly kind: "join"
  readonly join: Join
  readonly misses: ReadonlyArray<string>
}

export type Proposal = Dimension | Fact | JoinProposal

const nameOf = ({ table, name }: ColumnProfile): string => `${table.name}.${name}`

const isLink = ({ name }: ColumnProfile): boolean => name === "_id" || name === "_parent_id"

const tableDimensions = (
  joins: ReadonlyArray<Join>,
  columns: ReadonlyArray<ColumnProfile>,
): ReadonlyArray<Dimension> => {
  const byTable = Map.groupBy(
    joins.filter(({ to }) => to.table.kind === "table" || to.table.kind === "seed"),
    ({ to }) => to.table.name,
  )
  return [...byTable].flatMap(([table, towards]): ReadonlyArray<Dimension> => {
    const own = columns.filter((column) => column.table.name === table)
    const byColumn = [
      ...Map.groupBy(
        towards.filter(({ to }) => !isLink(to)),
        ({ to }) => to.id,
      ).values(),
    ].toSorted((a, b) => b.length - a.length || (a[0]?.to.id ?? 0) - (b[0]?.to.id ?? 0))
    const key =
      byColumn[0]?.[0]?.to ??
      own.find(({ isUnique, kind, name }) => isUnique && kind !== "day" && name !== "_parent_id" && name !== "_id") ??
      own.find(({ name }) => name === "_id")
    if (key === undefined) return []
    return [
      {
        kind: "dimension",
        model: `dim_${table}`,
        key,
        columns: own.filter((column) => column.name !== "_parent_id" && column.id !== key.id),
        members: { _tag: "Table" },
        usedBy: towards.filter(({ from }) => from.table.name !== table).map(({ from }) => nameOf(from)),
      },
    ]
  })
}

const innerDimension = ({ code, labels }: InnerDimension): Dimension => ({
  kind: "dimension",
  model: `dim_${code.table.name}_${code.name}`,
  key: code,
  columns: labels,
  members: { _tag: "Inner" },
  usedBy: [nameOf(code)],
})

const sharedDimension = ({ name, columns }: SharedCode): ReadonlyArray<Dimension> => {
  const [key] = columns
  return key === undefined
    ? []
    : [
        {
          kind: "dimension",
          model: `dim_${name}`,
          key: { ...key, name: "siret", type: "VARCHAR" },
          columns: [],
          members: { _tag: "Shared", columns },
          usedBy: columns.map(nameOf),
        },
      ]
}

/** The dimensions, those of most columns first. */
const dimensionsOf = (
  joins: ReadonlyArray<Join>,
  columns: ReadonlyArray<ColumnProfile>,
  inner: ReadonlyArray<InnerDimension>,
  shared: ReadonlyArray<SharedCode>,
): ReadonlyArray<Dimension> =>
  [
    ...tableDimensions(joins, columns),
    // What is looked up in another table is a dimension there.
    ...inner
      .filter(({ code }) => !joins.some(({ from, to }) => from.id === code.id && to.table.kind !== "calendar"))
      .map(innerDimension),
    ...shared.flatMap(sharedDimension),
  ]
    .filter(({ usedBy }) => usedBy.length > 0)
    .toSorted((a, b) => b.usedBy.length - a.usedBy.length || a.model.localeCompare(b.model))

/** Whole numbers with so few values on many rows are codes. */
const FEW_VALUES = 12

const isMeasure = ({ kind, type, name, distinct, rows }: ColumnProfile): boolean =>
  (kind === "number" ? distinct > FEW_VALUES || rows < 50 : /^(DOUBLE|DECIMAL|FLOAT)/.test(type)) &&
  !/(^|_)(id|code|cod|num|numero|annee|[xy]?(lat|lon|long|latitude|longitude)|[xy])(_|$)|^(id|code)|siren|siret/.test(
    name,
  )

const roleOf = (
  column: ColumnProfile,
  joins: ReadonlyArray<Join>,
  dimensions: ReadonlyArray<Dimension>,
): Role | undefined => {
  for (const dimension of dimensions) {
    const { key, members } = dimension
    const as = (to: ColumnProfile): Role => ({ from: column, dimension, to: to.name, toType: to.type })
    if (members._tag === "Shared" && members.columns.some(({ id }) => id === column.id)) return as(key)
    if (members._tag === "Inner" && key.id === column.id) return as(key)
    // Any other column of the dimension must name one member too: a join must not multiply rows.
    const join = joins.find(
      ({ from, to }) => from.id === column.id && to.table.name === key.table.name && (to.id === key.id || to.isUnique),
    )
    if (members._tag === "Table" && join !== undefined && key.table.name !== column.table.name) return as(join.to)
  }
  return undefined
}

const factsOf = (
  joins: ReadonlyArray<Join>,
  columns: ReadonlyArray<ColumnProfile>,
  dimensions: ReadonlyArray<Dimension>,
): ReadonlyArray<Fact> =>
  [...Map.groupBy(columns, ({ table }) => table.name)].flatMap(([table, own]): ReadonlyArray<Fact> => {
    if (own[0]?.table.kind !== "table") return []
    // A table that others name rows of is a dimension.
    if (dimensions.some(({ members, key }) => members._tag === "Table" && key.table.name === table)) return []
    const roles = own.flatMap((column) => roleOf(column, joins, dimensions) ?? [])
    const days = own.filter((column) =>
      joins.some(({ from, to }) => from.id === column.id && to.table.kind === "calendar"),
    )
    const measures = own.filter(
      (column) =>
        isMeasure(column) &&
        !joins.some(({ from }) => from.id === column.id) &&
        !roles.some(({ from }) => from.id === column.id),
    )
    // Without a measure, what is counted is which members met.
    if (roles.length + days.length < (measures.length === 0 ? 2 : 1)) return []
    const shown = own.filter((column) => !isLink(column))
    return [{ kind: "fact", model: `fct_${table}`, roles, days, measures, columns: shown }]
  })

/** Dimensions, facts and joins, in an order that the same figures always give. */
export const proposalsOf = (
  columns: ReadonlyArray<ColumnProfile>,
  joins: ReadonlyArray<Join>,
  inner: ReadonlyArray<InnerDimension>,
  shared: ReadonlyArray<SharedCode>,
): ReadonlyArray<Dimension | Fact> => {
  const dimensions = dimensionsOf(joins, columns, inner, shared)
  return [...dimensions, ...factsOf(joins, columns, dimensions)]
}
