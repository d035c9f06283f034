/** Names of columns in models: bare where every engine takes them so, as engines fold bare names in different ways. */

/** Words that DuckDB or Snowflake keep for themselves (their lists of reserved keywords). */
const reserved = new Set(
  `account all alter analyse analyze and any array as asc asof asymmetric between both by case cast check collate column connect connection
  constraint create cross current current_date current_time current_timestamp current_user database default deferrable delete desc describe
  distinct do drop else end except exists false fetch following for foreign from full grant group gscluster having ilike in increment initially
  inner insert intersect into is issue join lambda lateral leading left like limit localtime localtimestamp minus natural not null of offset on
  only or order organization pivot pivot_longer pivot_wider placing primary qualify references regexp returning revoke right rlike row rows
  sample schema select set show some start summarize symmetric table tablesample then to trailing trigger true try_cast union unique unpivot
  update using values variadic view when whenever where window with`.split(/\s+/),
)

const isBare = (name: string): boolean => /^[a-z_][a-z0-9_]*$/.test(name) && !reserved.has(name)

/** What silver calls a column: a name that needs no quotes anywhere, so `order` is `order_`. */
export const silverName = (name: string): string =>
  isBare(name) ? name : reserved.has(name) ? `${name}_` : `c_${name.replaceAll(/[^a-z0-9_]/g, "_")}`

/** A column's name as it may stand in a model; `named` is a macro of the project. */
export const columnName = (name: string): string => (isBare(name) ? name : `{{ named(${JSON.stringify(name)}) }}`)
