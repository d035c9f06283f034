import { assert, inject, it } from "vitest"
import { installConsumer } from "./consumer.ts"
import { packages } from "./workspace.ts"

it("every door of every package opens for a project that installed them all", async () => {
  await using consumer = await installConsumer({ registry: inject("registry"), ours: packages.map(({ name }) => name) })
  const doors = packages.flatMap((published) => published.doors)
  const attribute = (door: string) => (door.endsWith(".json") ? ` with { type: "json" }` : "")
  const imports = doors.map((door, index) => `import * as door${index} from "${door}"${attribute(door)}`)
  const opened = doors.map((door, index) => `  ${JSON.stringify(door)}: Object.keys(door${index}).length,`)
  await consumer.write("doors.ts", [...imports, "console.log(JSON.stringify({", ...opened, "}))", ""].join("\n"))
  await consumer.typeCheck()
  const names = JSON.parse(await consumer.run("node", "doors.ts")) as Readonly<Record<string, number>>
  assert.deepStrictEqual(
    doors.filter((door) => !((names[door] ?? 0) > 0)),
    [],
  )
})
