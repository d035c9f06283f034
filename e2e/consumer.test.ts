import { createHash } from "node:crypto"
import { cp, readFile } from "node:fs/promises"
import { join } from "node:path"
import { assert, inject, it } from "vitest"
import { installConsumer } from "./consumer.ts"
import { root } from "./workspace.ts"

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex")

it("a program without Effect brings a dataset into DuckDB once, and its rows are those that Python reads", async () => {
  await using consumer = await installConsumer({
    registry: inject("registry"),
    ours: ["opendatahub-sql", "@opendatahub-sql/testkit"],
  })
  await cp(join(root, "e2e/fixtures/consumer/holidays.ts"), join(consumer.folder, "holidays.ts"))
  await consumer.typeCheck()
  const printed = await consumer.run("node", "holidays.ts", join(root, "fixtures/corpus"))
  const { statuses, rows } = JSON.parse(printed) as {
    readonly statuses: ReadonlyArray<string>
    readonly rows: ReadonlyArray<ReadonlyArray<string>>
  }
  assert.deepStrictEqual(statuses, ["loaded", "unchanged"])

  const golden = JSON.parse(
    await readFile(join(root, "fixtures/golden/jours-feries/jours_feries_metropole.json"), "utf8"),
  ) as { readonly rows: number; readonly rowsSha256: string }
  assert.strictEqual(rows.length, golden.rows)
  const hashes = rows.map((row) => sha256(JSON.stringify(row))).toSorted()
  assert.strictEqual(sha256(hashes.join("\n")), golden.rowsSha256)

  const count = ["query", "select count(*) as n from bronze.jours_feries", "--json"]
  assert.include(await consumer.run("odh", ...count), String(golden.rows))
})
