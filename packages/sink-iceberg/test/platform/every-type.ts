/** A query: values of every type, across the epoch, with empty cells, at the edges of what fits. */
export const everyType = (from: number, to: number): string => `
  select range as id, 'ville ' || chr(97 + (range % 26)::integer) as ville, case when range % 7 = 0 then null else (range / 100)::decimal(9,2) end as prix,
    (range * 1000003 - 5)::decimal(38,10) as grand, range::double / 3 as lat, range % 2 = 0 as ok, date '1969-12-01' + range::integer as jour,
    timestamp '1969-12-31 23:59:59.123456' + interval (range) minute as ts, timestamptz '2023-12-31 22:00:00.5+00' + interval (range) hour as tz,
    encode('b' || range) as bl, '{"a":' || range || '}' as js, null::varchar as vide
  from range(${from}, ${to})`
