/** URLs as producers type them: HTML entities, blanks, credentials. */
import type { Json, JsonObject } from "@opendatahub-sql/core"

/** Undoes what forms do to a URL (`&amp;`, blanks around it); nothing else changes. */
export const cleanUrl = (url: string): string => {
  const plain = url.trim().replaceAll(/&(amp;)+/gi, "&")
  return plain.startsWith("//") ? `https:${plain}` : plain
}

const CREDENTIAL =
  /^(x-amz-(signature|credential|security-token)|x-goog-(signature|credential)|signature|sig|token|access_?token|auth(orization)?|api-?_?key|apikey|key|secret|password|pwd)$/i

const urlWithoutSecrets = (text: string): string => {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text) || !URL.canParse(text)) return text
  const url = new URL(text)
  const names = [...url.searchParams.keys()].filter((name) => CREDENTIAL.test(name))
  if (url.username + url.password === "" && names.length === 0) return text
  url.username = ""
  url.password = ""
  for (const name of names) url.searchParams.set(name, "REDACTED")
  return url.href
}

const clean = (value: Json): Json =>
  typeof value === "string"
    ? urlWithoutSecrets(value)
    : Array.isArray(value)
      ? value.map(clean)
      : typeof value === "object" && value !== null
        ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, clean(inner)]))
        : value

/** The same JSON; URLs in it lose user names, passwords and the parameters that carry keys or signatures. */
export const withoutSecrets = (json: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(json).map(([key, value]) => [key, clean(value)]))
