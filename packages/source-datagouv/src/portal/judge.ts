/** What a response means: an answer, a reason to ask again, or a reason to stop. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { dataQuality, misconfigured, type Reason, type SourceError, terminal, transient } from "@opendatahub-sql/core"
import { failure } from "../failure.ts"
import { RefusalAnswer } from "./answers.ts"
import { retryAfter } from "./retry.ts"

/** What the API said: 400, 404 and 410 are answers too. */
export interface Answer {
  readonly status: 200 | 400 | 404 | 410
  readonly body: unknown
}

/** A response with its whole body; `text` is undefined when the body is larger than is read. */
export interface Received {
  readonly status: number
  readonly location: string | null
  readonly retryAfter: string | null
  readonly text: string | undefined
}

const fail = (reason: Reason, message: string): Effect.Effect<never, SourceError> =>
  Effect.fail(failure("discover", reason, message))

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const refusal = (body: unknown): string => {
  const { message, errors } = Schema.is(RefusalAnswer)(body) ? body : {}
  const fields = Object.entries(errors ?? {}).map(([field, problem]) => `${field}: ${String(problem)}`)
  const words = fields.length > 0 ? fields.join("; ") : (message ?? "")
  return words === "" ? "" : ` (${words.slice(0, 300)})`
}

/** The answer, or the failure that a response stands for; `now` is in milliseconds, for a `Retry-After` that is a date. */
export const judge = (
  subject: string,
  withKey: boolean,
  { status, retryAfter: asked, text }: Received,
  now: number,
): Effect.Effect<Answer, SourceError> => {
  if (text === undefined) return fail(terminal, `${subject}: the portal's answer is too large; lower \`pageSize\``)
  const body = parse(text)
  const says = `${subject}: the portal answers ${status}${refusal(body)}`
  if (status === 429 || status === 408 || status === 425 || (status >= 500 && status !== 501)) {
    return fail(transient(retryAfter(asked, now)), `${says}; try again later`)
  }
  if (status === 401 || status === 403) {
    const key = withKey ? "correct or remove the API key" : "an API key may help"
    return fail(misconfigured, `${says}: ${key} (DATAGOUV_API_KEY), unless a firewall refuses this client`)
  }
  if (status === 200) {
    // A page of a firewall or a body cut short by a proxy: the next attempt may be good.
    return body === undefined
      ? fail(transient(), `${subject}: the portal answers 200 with something that is not JSON; try again later`)
      : Effect.succeed({ status, body })
  }
  if (status === 400 || status === 404 || status === 410) {
    return body === undefined
      ? fail(misconfigured, `${says} without the JSON of the API: check \`url\``)
      : Effect.succeed({ status, body })
  }
  return fail(terminal, `${says}, which this source cannot use`)
}

/** Decodes a part of an answer; the failure names the subject and the fields. */
export const decodeAnswer = <S extends Schema.ConstraintDecoder<unknown>>(schema: S, subject: string) => {
  const decode = Schema.decodeUnknownEffect(schema, { errors: "all" })
  return (body: unknown): Effect.Effect<S["Type"], SourceError> =>
    Effect.mapError(decode(body), (error) =>
      failure(
        "discover",
        dataQuality,
        `${subject}: the portal's answer is not as expected: ${error.message.replaceAll(/\s*\n\s*/g, " ")}`,
      ),
    )
}
