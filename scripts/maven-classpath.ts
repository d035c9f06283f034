/** `node scripts/maven-classpath.ts NAME POM`: brings the jars of a POM with Maven, and keeps their class path in `.venvs/NAME.classpath`, made anew when the POM changes. */
import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join, resolve } from "node:path"

const root = resolve(import.meta.dirname, "..")

/** Jars, or why there are none. */
export type Classpath =
  | { readonly _tag: "Ready"; readonly jars: ReadonlyArray<string> }
  | { readonly _tag: "Missing"; readonly why: string }

const fileOf = (name: string): string => join(root, ".venvs", `${name}.classpath`)
const hashOf = async (pom: string): Promise<string> =>
  createHash("sha256")
    .update(await readFile(resolve(root, pom)))
    .digest("hex")

/** The jars as an earlier call brought them: nothing is downloaded. */
export const findClasspath = async (name: string, pom: string): Promise<Classpath> => {
  const [hash, jars] = (await readFile(fileOf(name), "utf8").catch(() => "")).split("\n")
  return hash === (await hashOf(pom)) && jars !== undefined
    ? { _tag: "Ready", jars: jars.split(":") }
    : { _tag: "Missing", why: `the jars of ${pom} are not there: \`make test-long\` says why` }
}

/** Brings the jars, unless they are there already. */
export const bringClasspath = async (name: string, pom: string): Promise<Classpath> => {
  const found = await findClasspath(name, pom)
  if (found._tag === "Ready") return found
  const out = `${fileOf(name)}.new`
  await mkdir(join(root, ".venvs"), { recursive: true })
  const { ok, output } = await new Promise<{ readonly ok: boolean; readonly output: string }>((done) => {
    const goal = ["dependency:build-classpath", `-Dmdep.outputFile=${out}`]
    const child = spawn("mvn", ["-q", "-B", "-f", resolve(root, pom), ...goal], { stdio: ["ignore", "pipe", "pipe"] })
    let said = ""
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()))
    child.on("error", (error) => done({ ok: false, output: error.message }))
    child.on("close", (code) => done({ ok: code === 0, output: said }))
  })
  if (!ok) return { _tag: "Missing", why: `Maven could not bring the jars of ${pom}: ${output.trim().split("\n")[0]}` }
  await writeFile(fileOf(name), `${await hashOf(pom)}\n${(await readFile(out, "utf8")).trim()}`)
  return findClasspath(name, pom)
}

if (import.meta.main) {
  const [name, pom] = process.argv.slice(2)
  if (name === undefined || pom === undefined) throw new Error("node scripts/maven-classpath.ts NAME POM")
  const classpath = await bringClasspath(name, pom)
  console.log(
    classpath._tag === "Ready"
      ? `${classpath.jars.length} jars of ${pom} are there`
      : `NOT INSTALLED, so its tests are skipped: ${name}: ${classpath.why}`,
  )
}
