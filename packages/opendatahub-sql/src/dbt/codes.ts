/** Official French codes: how they are told, and the one repair that is safe. */

/** Codes that are told by their form, for columns whose names say that they may be one. `width`: of those with digits alone. */
export const codes = {
  commune: {
    name: /^(com|comparent|depcom|codgeo|insee|code_?(insee|commune).*)$/,
    form: "^([013-9][0-9]|2[AB0-9])[0-9]{3}$",
    width: 5,
  },
  departement: {
    name: /^(dep|dept|code_?dep.*)$/,
    form: "^([013-9][0-9]|2[AB0-9]|97[1-8]|98[4678]|99)$",
    width: 2,
  },
  region: { name: /^(reg|code_?reg.*)$/, form: "^[0-9]{2}$", width: 2 },
  code_postal: { name: /^(cp|code_?postal.*)$/, form: "^[0-9]{5}$", width: 5 },
  siret: { name: /siret/, form: "^[0-9]{14}$", width: 14 },
  siren: { name: /siren/, form: "^[0-9]{9}$", width: 9 },
} as const
export type CodeName = keyof typeof codes

/** The code that a column's name speaks of. */
export const codeFor = (column: string): CodeName | undefined =>
  (Object.keys(codes) as ReadonlyArray<CodeName>).find((code) => codes[code].name.test(column))

/**
 * A value as the code is written: no spaces, capitals, and the one leading zero that a spreadsheet took. More zeros are not given back: a shorter
 * number is another code (`001` is a commune within its département). `column` is SQL; so is what it gives, for every engine.
 */
export const repairedCode = (column: string, code: CodeName): string => {
  const text = `upper(replace(cast(${column} as varchar), ' ', ''))`
  return `case when length(${text}) = ${codes[code].width - 1} and translate(${text}, '0123456789', '') = '' then '0' || ${text} else ${text} end`
}
