/** Where OpenLineage events go, and whose children the runs of odh are: the environment variables of the official clients. */
import { appendFile } from "node:fs/promises"

/** A run of another job: `namespace/name/run id`, as orchestrators pass it. */
export interface ParentRun {
  readonly namespace: string
  readonly name: string
  readonly runId: string
}

/** Lineage as the environment asks for it. `send` rejects when an event could not be brought there. */
export interface LineageSettings {
  readonly namespace: string
  readonly parent?: ParentRun
  readonly root?: ParentRun
  readonly send: (event: object) => Promise<void>
}

type Environment = Readonly<Record<string, string | undefined>>
type Transport = Readonly<Record<string, unknown>>

const TIMEOUT = 5_000
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The namespace may hold slashes, a job's name may not. */
export const parseParent = (text: string | undefined): ParentRun | undefined => {
  const parts = text?.split("/") ?? []
  const runId = parts.at(-1) ?? ""
  const name = parts.at(-2) ?? ""
  const namespace = parts.slice(0, -2).join("/")
  return UUID.test(runId) && name !== "" && namespace !== "" ? { namespace, name, runId } : undefined
}

const parseTransport = (env: Environment): Transport | undefined => {
  const json = env["OPENLINEAGE__TRANSPORT"]
  if (json !== undefined && json !== "") {
    try {
      return JSON.parse(json) as Transport
    } catch {
      return undefined
    }
  }
  return env["OPENLINEAGE_URL"] === undefined || env["OPENLINEAGE_URL"] === ""
    ? undefined
    : {
        type: "http",
        url: env["OPENLINEAGE_URL"],
        endpoint: env["OPENLINEAGE_ENDPOINT"],
        auth: { type: "api_key", apiKey: env["OPENLINEAGE_API_KEY"] },
      }
}

const http = (transport: Transport): LineageSettings["send"] | undefined => {
  const base = String(transport["url"])
  const endpoint = typeof transport["endpoint"] === "string" ? transport["endpoint"] : "api/v1/lineage"
  const url = URL.parse(endpoint, base.endsWith("/") ? base : `${base}/`)
  if (url === null) return undefined
  const auth = transport["auth"] as Transport | undefined
  const key = auth?.["apiKey"] ?? auth?.["api_key"]
  return async (event) => {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(typeof key === "string" && key !== "" ? { authorization: `Bearer ${key}` } : {}),
      },
      body: JSON.stringify(event),
      signal: AbortSignal.timeout(TIMEOUT),
    })
    await response.body?.cancel()
    if (!response.ok) throw new Error(`the lineage server answers ${response.status}`)
  }
}

const sender = (transport: Transport): LineageSettings["send"] | undefined => {
  if (transport["type"] === "file") {
    const path = transport["log_file_path"]
    return typeof path === "string" ? (event) => appendFile(path, `${JSON.stringify(event)}\n`) : undefined
  }
  return transport["type"] === "http" ? http(transport) : undefined
}

/** `undefined` when nobody asks for lineage, or for a transport that odh does not have (it has `http` and `file`). */
export const lineageSettings = (env: Environment): LineageSettings | undefined => {
  if (env["OPENLINEAGE_DISABLED"]?.toLowerCase() === "true") return undefined
  const transport = parseTransport(env)
  const send = transport === undefined ? undefined : sender(transport)
  if (send === undefined) return undefined
  const parent = parseParent(env["OPENLINEAGE_PARENT_ID"])
  const root = parseParent(env["OPENLINEAGE_ROOT_PARENT_ID"])
  return {
    namespace: env["OPENLINEAGE_NAMESPACE"] ?? "odh",
    ...(parent === undefined ? {} : { parent }),
    ...(root === undefined ? {} : { root }),
    send,
  }
}
