/** Keeps credentials out of records and events: user names and passwords in URLs, query parameters that sign or authorise. */
import type { Json, JsonObject } from "@opendatahub-sql/core"

/** A URL inside a text, up to the first character that cannot be in one. The scheme is bounded so that a long text stays linear. */
const URL_IN_TEXT = /\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s"'<>\\^`{|}]+/gi

/** Names of parameters that authorise, in lower case without `-`, `_` and `.`. */
const CREDENTIAL =
  /^(x(amz|goog|oss|cos)\w*|sig|key|hmac|jwt|sas|auth|authkey|authorization|awsaccesskeyid|googleaccessid|ossaccesskeyid|\w*(token|secret|password|passwd|pwd|apikey|accesskey|subscriptionkey|privatekey|session|sessionid|signature|credentials?))$/

/** Parameters that mean something else in an ordinary URL (`sr=4326`), and belong to the credentials in a signed one (Azure, CloudFront). */
const PART_OF_SIGNATURE =
  /^(s[vetpr]|spr|sip|srt|ss|sk(oid|tid|t|e|s|v)|sdd|sduoid|saoid|suoid|expires|policy|keypairid)$/
const SIGNATURE = /^(sig|signature)$/

const nameOf = (parameter: string): string => {
  const name = parameter.split("=")[0] ?? ""
  return (isWellEscaped(name) ? decodeURIComponent(name) : name).toLowerCase().replaceAll(/[-_.]/g, "")
}

const isWellEscaped = (text: string): boolean => /^([\x20-\x24\x26-\x7E]|%[0-7][0-9A-F])*$/i.test(text)

const withoutCredentials = (parameters: string): string => {
  const all = parameters.split(/[&;]/)
  const signed = all.some((parameter) => SIGNATURE.test(nameOf(parameter)))
  const kept = all.filter(
    (parameter) => !CREDENTIAL.test(nameOf(parameter)) && !(signed && PART_OF_SIGNATURE.test(nameOf(parameter))),
  )
  return kept.length === all.length ? parameters : kept.join("&")
}

const stripUrl = (url: string): string => {
  const [, scheme = "", authority = "", path = "", query, fragment] =
    /^([^:]+:\/\/)([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(url) ?? []
  const kept = query === undefined ? "" : withoutCredentials(query)
  const anchor = fragment === undefined ? "" : withoutCredentials(fragment)
  const host = authority.slice(authority.lastIndexOf("@") + 1)
  return `${scheme}${host}${path}${kept === "" ? "" : `?${kept}`}${anchor === "" ? "" : `#${anchor}`}`
}

/** A text with the credentials taken out of every URL in it; all else stays as it is, to the character. */
export const stripSecrets = (text: string): string =>
  text.includes("://") ? text.replace(URL_IN_TEXT, stripUrl) : text

/** The same for every string of a JSON value. */
export const stripJson = (value: Json): Json => {
  if (typeof value === "string") return stripSecrets(value)
  if (value === null || typeof value !== "object") return value
  return isArray(value) ? value.map(stripJson) : stripObject(value)
}

const isArray = (value: Json): value is ReadonlyArray<Json> => Array.isArray(value)

/** The same for a JSON object. */
export const stripObject = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, stripJson(value)]))

const SECRET_HEADER =
  /^(authorization|proxy-authorization|www-authenticate|cookie|set-cookie2?)$|token|secret|api-?key|credential|signature/i

/** Response headers without those that carry credentials. */
export const stripHeaders = (headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !SECRET_HEADER.test(name))
      .map(([name, value]) => [name, stripSecrets(value)]),
  )
