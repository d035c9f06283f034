import { assert, describe, it } from "@effect/vitest"
import type { ColumnType } from "@opendatahub-sql/core"
import { noEvidence, observe } from "../src/typing/evidence.ts"
import { atLeast } from "../src/typing/asked.ts"
import { hypothesis } from "../src/typing/hypothesis.ts"
import type { Rule } from "../src/typing/rule.ts"

const evidence = (values: ReadonlyArray<string>) => {
  const seen = noEvidence()
  for (const value of values) observe(seen, value)
  return seen
}

const decide = (values: ReadonlyArray<string>, dateNamed = false): Rule =>
  hypothesis(evidence(values), { share: 0.99, needed: 0.999, dateNamed })

const cases: ReadonlyArray<readonly [string, ReadonlyArray<string>, ColumnType]> = [
  ["whole numbers", ["0", "12", "-7", "+3"], "bigint"],
  ["codes with a leading zero", ["75056", "13055", "01001"], "text"],
  ["a single 2A004 among numbers", [...Array.from({ length: 5000 }, (_, i) => String(10000 + i)), "2A004"], "text"],
  ["departments with 2A", ["75", "13", "2A"], "text"],
  ["dialled numbers", ["+33123456789", "+33612345678"], "text"],
  ["numbers with a sign", ["+1,5", "-2,25"], "decimal(18,2)"],
  ["zero and decimals below one", ["0", "0,5", "-0,25", "0.0".replace(".", ",")], "decimal(18,2)"],
  ["a decimal point", ["1.5", "2", "3.125"], "decimal(18,3)"],
  ["decimals without a leading zero", [".5", ".25"], "decimal(18,2)"],
  ["many digits", ["48.8566140000000001", "2.35"], "decimal(18,16)"],
  ["more than 18 digits", ["1234567890.1234567890"], "decimal(38,10)"],
  ["more than 38 digits", ["0.1234567890123456789012345678901234567890"], "double"],
  ["whole numbers beyond 64 bits", ["9223372036854775808", "1"], "decimal(38,0)"],
  ["the largest 64-bit integer", ["9223372036854775807", "-9223372036854775808"], "bigint"],
  ["identifiers of more than 38 digits", ["1".repeat(40)], "text"],
  ["thousands with a space", ["1 234", "12 345 678", "9"], "bigint"],
  ["thousands with narrow no-break spaces", ["1\u202f234,50", "999,00"], "decimal(18,2)"],
  ["spaces that do not group by three", ["12 34", "56 78"], "text"],
  ["phone numbers", ["01 23 45 67 89"], "text"],
  ["scientific notation of programs", ["1e-5", "2.5e3", "0.1"], "double"],
  ["codes a spreadsheet mangled", ["35600000012345", "3,56E+13"], "text"],
  ["codes with an E inside", ["12E10", "13E04"], "text"],
  ["oui and non", ["oui", "Non", "OUI"], "boolean"],
  ["vrai and faux", ["vrai", "FAUX"], "boolean"],
  ["true and no", ["true", "no"], "boolean"],
  ["zero and one", ["0", "1", "1"], "bigint"],
  ["O and N together", ["O", "N", "o"], "boolean"],
  ["y and n, t and f of PostgreSQL", ["t", "f", "t"], "boolean"],
  ["O alone: the west?", ["O", "O"], "text"],
  ["the points of the compass", ["N", "O", "S", "E"], "text"],
  ["T and F in upper case: codes", ["T", "F"], "text"],
  ["sexes", ["M", "F"], "text"],
  ["percents", ["12,5 %", "100%", "-3 %"], "decimal(18,1)"],
  ["amounts in euros, however the euro is spelled", ["1 234,56 €", "12 euros", "0,50€", "7 EUR"], "decimal(18,2)"],
  ["a currency in front", ["$12.50", "$ 3"], "decimal(18,2)"],
  ["powers", ["22 kW", "3,7kW", "22KW"], "decimal(18,1)"],
  ["lengths", ["35 km", "7 km"], "bigint"],
  ["units that differ", ["35 km", "35 m", "12 m"], "text"],
  ["a unit that only some have", ["35 km", "35", "36 km"], "text"],
  ["numbers with a word that is no unit", ["59 Nord", "59 Nord"], "text"],
  ["street numbers", ["12 bis", "3 bis"], "text"],
  ["street numbers with a letter", ["12 A", "3 A"], "text"],
  ["codes with a letter of a unit", ["12V", "13V"], "text"],
  ["codes with zeros and a unit", ["012 %", "013 %"], "text"],
  ["ranges with a unit", ["10-20 km", "20-30 km"], "text"],
  ["bounds", ["< 5 %", "> 10 %"], "text"],
  ["pairs of coordinates", ["48.8566, 2.3522", "43.6, 1.44"], "text"],
  ["pairs without a space", ["48.8566,2.3522"], "text"],
  ["versions", ["1.2.3", "1.10.0"], "text"],
  ["grouped with points", ["1.234.567", "2.345.678"], "text"],
  ["thousands with thin spaces", ["1\u2009234", "22\u2009345"], "bigint"],
  ["French days in words", ["12 janvier 2020", "1er Février 2019", "3 AOÛT 2021", "14 aout 2022"], "date"],
  ["French days in short words", ["12 janv. 2020", "1 févr. 2019", "30-déc-21", "2 sept 2020"], "date"],
  ["days of the week", ["lundi 3 août 2020", "mar. 4 août 2020", "le 5 août 2020"], "date"],
  ["days of a database", ["12-JAN-20", "01-FEB-19"], "date"],
  ["days in words among others", ["12 janvier 2020", "13/01/2020", "2020-01-14"], "date"],
  ["days in words with the time", ["12 janvier 2020 à 14h30", "13 janvier 2020 08:00"], "timestamp"],
  ["days in words that no calendar has", ["31 février 2020", "30 fév. 2021"], "text"],
  ["jui., which is two months", ["12 jui 2020"], "text"],
  ["months alone", ["janvier 2020", "févr. 2021"], "text"],
  ["slashes, year first, with time", ["2020/01/31 10:00:00", "2020/02/01 00:00"], "timestamp"],
  ["the instants of map servers", ["2020/01/31 10:00:00+00", "2020/02/01 00:00:00+00"], "timestamptz"],
  ["American times of day", ["1/31/2020 12:00:00 AM", "2/1/2020 1:30 PM"], "timestamp"],
  ["the minus of typographers", ["\u22125,3", "2,1"], "decimal(18,1)"],
  ["French times of day", ["12/01/2020 à 14h30", "31/01/2020 08h00"], "timestamp"],
  ["hours alone", ["8h", "14h30"], "text"],
  ["instants with UTC in letters", ["2020-01-31 10:00:00 UTC"], "timestamptz"],
  ["ISO days", ["2024-01-31", "2024-02-29"], "date"],
  ["French days", ["31/01/2024", "01/02/2024"], "date"],
  ["French days with dashes", ["31-01-2024"], "date"],
  ["French days with points", ["31.01.2024"], "date"],
  ["both in one column", ["2024-01-31", "31/01/2024"], "date"],
  ["short years", ["31/01/24", "01/12/99"], "date"],
  ["undecided days", ["01/02/2024", "03/04/2024"], "date"],
  ["days that no calendar has", ["31/02/2024", "30/02/2024"], "text"],
  ["eight digits that are all days", ["20240131", "20240201", "20240202"], "date"],
  ["eight digits that are not all days", ["20240131", "20240201", "20249999"], "bigint"],
  ["one repeated eight-digit number", ["20240131", "20240131"], "bigint"],
  ["ISO timestamps", ["2024-01-31 10:00:00", "2024-01-31T10:00"], "timestamp"],
  ["a day among timestamps", ["2024-01-31 10:00:00", "2024-02-01"], "timestamp"],
  ["French timestamps", ["31/01/2024 10:00", "01/02/2024 23:59:59"], "timestamp"],
  ["instants", ["2024-01-31T10:00:00Z", "2024-01-31 10:00:00.5+02:00"], "timestamptz"],
  ["instants and timestamps", ["2024-01-31T10:00:00Z", "2024-01-31T10:00:00"], "text"],
  ["clock times", ["08:00", "23:59:59"], "time"],
  ["times of a timetable past midnight", ["08:00:00", "25:10:00"], "text"],
  ["NA is Namibia among words", ["FR", "NA", "DE"], "text"],
  ["NA is no value where all else is a number", ["1", "2", "NA"], "bigint"],
  ["so are the words of other tools, among dates too", ["2024-01-31", "n/a", "-", "2024-02-01"], "date"],
  ["a column of nothing but NA holds words", ["NA", "NA"], "text"],
  ["other words are not taken for no value", ["1", "2", "beaucoup"], "text"],
  ["words", ["Paris", "Lyon"], "text"],
  ["both decimal marks", ["1,5", "2.5"], "text"],
  ["padded numbers", ["  12", " 7 "], "bigint"],
]

describe("hypothesis", () => {
  for (const [name, values, type] of cases) {
    it(`reads ${name} as ${type}`, () => assert.strictEqual(decide(values).type, type))
  }

  it("takes eight digits for a day when the name says so", () =>
    assert.strictEqual(decide(["20240131"], true).type, "date"))

  it("puts the month first only when proven, and never against proof", () => {
    const forms = (values: ReadonlyArray<string>) => {
      const rule = decide(values)
      return rule.kind === "temporal" ? rule.forms : rule.type
    }
    assert.deepStrictEqual(forms(["01/02/2024", "12/31/2024"]), ["month-first"])
    assert.deepStrictEqual(forms(["01/02/2024"]), ["day-first"])
    assert.strictEqual(forms(["31/12/2024", "12/31/2024"]), "text")
  })

  it("joins with what the column is elsewhere", () => {
    assert.strictEqual(atLeast(decide(["1", "2"]), "decimal(18,2)").type, "decimal(21,2)")
    assert.strictEqual(atLeast(decide(["2024-01-31"]), "timestamp").type, "timestamp")
    assert.strictEqual(atLeast(decide(["oui"]), "bigint").type, "text")
    assert.strictEqual(atLeast(decide([]), "bigint").type, "bigint")
    assert.strictEqual(atLeast(decide(["1"]), "null").type, "bigint")
  })
})
