/**
 * Names of query parameters that carry a credential: signatures of object stores (S3, Azure, Google, CloudFront), keys and tokens of APIs.
 * Better one harmless parameter too many than one secret in a record.
 */
const credential =
  /^(x-(amz|goog|ms|oss|obs)-.*|sig|sign|.*signature|.*token|jwt|auth|.*[-_]auth|authorization|bearer|(.*[-_])?keys?([-_]?pair)?([-_]?id)?|(api|app|access|private|secret)key|.*secret.*|.*passw(or)?d|pwd|pass|.*credentials?|session([-_]?id)?|sid|policy|awsaccesskeyid|googleaccessid)$/i

/** Mends what portals are known to publish: blanks around and inside, `&amp;` left from HTML. */
export const mend = (text: string): string => text.trim().replace(/&(?:amp;|#38;|#x26;)+/gi, "&")

/** The address of a file, or in words why it cannot be one: it is not whole, or of a protocol that is not spoken. */
export const parseUrl = (
  text: string,
  protocols: ReadonlyArray<string> = ["http", "https", "ftp", "ftps"],
): URL | string => {
  const url = URL.parse(mend(text))
  if (url === null) return "it is not a whole address; write it as https://host/path"
  const protocol = url.protocol.slice(0, -1)
  if (!protocols.includes(protocol))
    return `${protocol} is not spoken here, only ${protocols.join(", ")}; look for another address of the same file`
  url.hash = ""
  return url
}

const withoutCredentials = (search: string): string => {
  const kept = search
    .slice(1)
    .split("&")
    .filter((pair) => !credential.test(percentDecoded(pair.split("=", 1)[0] ?? "")))
  return kept.length === 0 || search === "" ? "" : `?${kept.join("&")}`
}

/** Text with its `%41` read as bytes of `encoding`; what is no such escape stays, nothing throws. */
export const percentDecoded = (text: string, encoding: "utf8" | "latin1" = "utf8"): string =>
  text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => Buffer.from(escapes.replaceAll("%", ""), "hex").toString(encoding))

/** An address fit for records, events and messages: no user, no password, no fragment, no query parameter that looks like a credential. */
export const publicUrl = (address: URL | string): string => {
  const url = address instanceof URL ? address : URL.parse(mend(address))
  if (url === null)
    return String(address)
      .replace(/[?#].*$/s, "")
      .replace(/\/\/[^/]*@/, "//")
  return `${url.protocol}//${url.host}${url.pathname}${withoutCredentials(url.search)}`
}

/** `https://a.b/x?token=s` inside a longer text becomes fit for messages too. */
export const withPublicUrls = (text: string): string =>
  text.replace(/(?:https?|ftps?):\/\/[^\s"'<>]+/gi, (found) => publicUrl(found))
