/** Apache's own implementations, which start slowly: their tests run in the long lane. */
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { findClasspath } from "../../../../scripts/maven-classpath.ts"
import { findPythonEnvironment } from "../../../../scripts/python-environment.ts"
import { type LineProcess, startLineProcess } from "./line-process.ts"

const jars = await findClasspath("iceberg-java", "packages/sink-iceberg/test/java/pom.xml")
const spark = await findPythonEnvironment("spark", "packages/sink-iceberg/test/python/spark-requirements.txt")
const isShort = process.env["ODH_LONG"] === "1" ? undefined : "Java starts slowly: `make test-long` runs it"

/** Why there is no REST catalog of Apache's, if there is none. */
export const whyNoJava: string | undefined = isShort ?? (jars._tag === "Missing" ? jars.why : undefined)

/** Why there is no Spark, if there is none. */
export const whyNoSpark: string | undefined = whyNoJava ?? (spark._tag === "Missing" ? spark.why : undefined)

const named = (...names: ReadonlyArray<string>): ReadonlyArray<string> =>
  (jars._tag === "Ready" ? jars.jars : []).filter((jar) => names.some((name) => jar.includes(name)))

/** Spark on the catalog of a folder: `ask({ sql, out? })`. */
export const startSpark = async (folder: string): Promise<LineProcess> => {
  if (spark._tag === "Missing") throw new Error(spark.why)
  const process = startLineProcess(spark.python, [
    join(import.meta.dirname, "../python/spark.py"),
    folder,
    named("iceberg-spark-runtime", "sqlite-jdbc").join(","),
  ])
  await process.line()
  return process
}

/** Apache's REST catalog, its files in a bucket; gives its address. */
export const startApacheCatalog = async (
  folder: string,
  store: Readonly<Record<string, string>>,
): Promise<{ readonly uri: string; readonly close: () => Promise<void> }> => {
  const spared = new Set(named("iceberg-spark-runtime"))
  mkdirSync(folder, { recursive: true })
  const properties = { uri: `jdbc:sqlite:${join(folder, "rest.db")}`, "jdbc.schema-version": "V1", ...store }
  const server = startLineProcess("java", [
    "-Xmx512m",
    "-XX:TieredStopAtLevel=1",
    "-cp",
    (jars._tag === "Ready" ? jars.jars : []).filter((jar) => !spared.has(jar)).join(":"),
    join(import.meta.dirname, "../java/RestCatalog.java"),
    ...Object.entries(properties).map(([name, value]) => `${name}=${value}`),
  ])
  return { uri: `http://127.0.0.1:${await server.line()}`, close: server.close }
}
