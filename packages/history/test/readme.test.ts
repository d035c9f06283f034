import { assert, describe, it } from "@effect/vitest"
import * as history from "@opendatahub-sql/history"
import { readFileSync } from "node:fs"

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")

describe("the README", () => {
  it("names what there is, and leaves nothing out", () => {
    const table = readme.slice(readme.indexOf("| | |"), readme.indexOf("There are no options"))
    const named = [...table.matchAll(/`([a-z][A-Za-z]+)`/g)]
      .map(([, name]) => name ?? "")
      .filter((name) => !["changes"].includes(name))
    const plain = [
      "addedTable",
      "removedTable",
      "storedType",
      "provenance",
      "rowId",
      "currentState",
      "rowVersions",
      "schemaEvents",
      "eventText",
      "thinned",
      "findTimeline",
      "tablesAt",
      "timelineOf",
      "readTable",
    ]
    assert.sameMembers([...new Set([...named, ...plain])], Object.keys(history))
  })
  it("shows imports that exist", () => {
    const [, imports = ""] = /import \{([^}]+)\} from "@opendatahub-sql\/history"/.exec(readme) ?? []
    const values = imports
      .split(",")
      .map((name) => name.trim())
      .filter((name) => !name.startsWith("type "))
    assert.includeMembers(Object.keys(history), values)
    assert.isNotEmpty(values)
  })
})
