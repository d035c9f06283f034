import { assert, describe, it } from "@effect/vitest"
import { compilePattern, patternProblem } from "../../src/selection/pattern.ts"

describe("patterns", () => {
  it.each([
    ["lieux*", "Lieux-2019.csv", true],
    ["lieux*", "caracteristiques-lieux.csv", false],
    ["*covid*", "Données COVID-19", true],
    ["valeurs foncieres ????", "Valeurs foncières 2023", true],
    ["VALEURS FONCIÈRES*", "valeurs foncieres 2023", true],
    ["csv.gz", "csvxgz", false],
    ["a[1]+(b)", "A[1]+(b)", true],
    ["cœur*", "CŒUR", true],
    ["ligne*fin", "ligne\nfin", true],
    ["re:^lieux-20(19|2[0-9])", "Lieux-2021.csv", true],
    ["re:^lieux-20(19|2[0-9])", "lieux-2018.csv", false],
    ["re:foncieres", "Valeurs foncières", true],
    ["re:foncières", "Valeurs foncières", true],
  ])("%s on %s: %s", (pattern, text, matches) => {
    assert.strictEqual(patternProblem(pattern), undefined)
    assert.strictEqual(compilePattern(pattern)(text), matches)
  })

  it("says why a pattern cannot be used", () => {
    assert.include(patternProblem("re:["), "is not a regular expression")
    assert.include(patternProblem(" "), "cannot be empty")
  })
})
