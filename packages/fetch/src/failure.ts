/** Turns what went wrong on the way into the one error of this package, with the reason that decides about retries. */
import { FetchError, misconfigured, type Reason, terminal, transient } from "@opendatahub-sql/core"
import { STATUS_CODES } from "node:http"
import { refusedCode } from "./network/guard.ts"
import { publicUrl, withPublicUrls } from "./network/url.ts"

/** A failure of one download. The cause is cut down to code and message: errors of the network carry whole requests, secrets included. */
export const failure = (url: URL | string, what: string, reason: Reason, cause?: unknown): FetchError =>
  new FetchError({
    plugin: "fetch",
    operation: "download",
    message: `${publicUrl(url)}: ${what}`,
    reason,
    ...(cause instanceof Error ? { cause: { code: codeOf(cause), message: withPublicUrls(cause.message) } } : {}),
  })

const codeOf = (error: unknown): string | undefined => {
  if (typeof error !== "object" || error === null) return undefined
  if ("code" in error && typeof error.code === "string") return error.code
  return "cause" in error ? codeOf(error.cause) : undefined
}

const certificate =
  /CERT|_SIGNATURE$|^UNABLE_TO_|^ERR_TLS_|^ERR_SSL_|^EPROTO$|^HOSTNAME_MISMATCH$|^INVALID_CA$|^UND_ERR_PRX_TLS$/
const unresolved = /^(ENOTFOUND|ENODATA|ESERVFAIL|EAI_.*)$/
const later = "try again later"

const explained: Readonly<Record<string, string>> = {
  UND_ERR_CONNECT_TIMEOUT: "no connection in the time of `timeouts.connect`",
  UND_ERR_HEADERS_TIMEOUT: "no answer in the time of `timeouts.firstByte`",
  UND_ERR_BODY_TIMEOUT: "the answer stopped in the middle for the time of `timeouts.idle`",
  ECONNREFUSED: "the server refuses connections",
  Z_BUF_ERROR: "the compressed answer ends in the middle",
}

/** The failure behind an error of the network, of TLS, of a proxy or of a decoder. */
export const networkFailure = (url: URL, error: unknown): FetchError => {
  const code = codeOf(error)
  const message = error instanceof Error ? error.message : ""
  const proxyStatus = /^Proxy response \((\d+)\)|^Proxy Authentication Required \((407)\)/
    .exec(message)
    ?.slice(1)
    .find(Boolean)
  const fail = (what: string, reason: Reason) => failure(url, what, reason, error)

  if (code === refusedCode) return fail(message, misconfigured)
  if (proxyStatus === "407")
    return fail("the proxy wants a user and a password; put them in HTTPS_PROXY or HTTP_PROXY", misconfigured)
  if (proxyStatus !== undefined) {
    return fail(
      `the proxy answered ${proxyStatus}; ask those who run it, or set NO_PROXY`,
      Number(proxyStatus) < 500 ? terminal : transient(),
    )
  }
  if (code === undefined) return fail(`the request failed: ${withPublicUrls(message)}`, terminal)
  if (unresolved.test(code))
    return fail(`the name ${url.hostname} does not resolve (${code}); check the address, or ${later}`, transient())
  if (certificate.test(code)) {
    return fail(
      `no trusted TLS connection (${code}); if your network or the server uses an authority of its own, set NODE_EXTRA_CA_CERTS to its certificate file`,
      terminal,
    )
  }
  if (code === "UND_ERR_INVALID_ARG")
    return fail(`the request cannot be sent (${withPublicUrls(message)}); correct its headers`, misconfigured)
  if (code === "UND_ERR_HEADERS_OVERFLOW") return fail("the head of the answer is too long", terminal)
  if ((code.startsWith("Z_") && code !== "Z_BUF_ERROR") || code.startsWith("ERR__ERROR_FORMAT")) {
    return fail(`the answer is not what its Content-Encoding says (${code}); tell the publisher`, terminal)
  }
  return fail(`${explained[code] ?? "the connection was lost"} (${code}); ${later}`, transient())
}

const advice = (status: number): string => {
  switch (status) {
    case 401:
    case 403:
      return "the server wants credentials, or refuses them; check the headers of the request"
    case 404:
    case 410:
      return "the file is not there any more; look at the dataset's page for its new address"
    default:
      return "the server refuses the request; open the address in a browser to see why"
  }
}

/** Milliseconds that `Retry-After` asks for: seconds, or an HTTP date. */
export const retryAfter = (value: string | undefined, now: number): number | undefined => {
  if (value === undefined) return undefined
  const ms = /^\s*\d+\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined
}

/** Whether the file is not there any more, as far as the server knows. */
export const isGone = ({ cause }: FetchError): boolean => ["HTTP_404", "HTTP_410"].includes(codeOf(cause) ?? "")

/** The failure that a status stands for. 408, 425, 429 and all of 5xx may pass (RFC 9110, 8470, 6585); the rest will not. */
export const statusFailure = (url: URL, status: number, wait: number | undefined): FetchError => {
  const answer = `the server answered ${status}${STATUS_CODES[status] === undefined ? "" : ` ${STATUS_CODES[status]}`}`
  if (status === 407)
    return failure(url, `${answer}; put the proxy's user and password in HTTPS_PROXY or HTTP_PROXY`, misconfigured)
  if (status >= 500 || [408, 425, 429].includes(status)) {
    const asked = wait === undefined ? "" : ` and asks to wait ${Math.ceil(wait / 1000)} s`
    return failure(url, `${answer}${asked}; ${later}`, transient(wait))
  }
  return failure(
    url,
    `${answer}; ${advice(status)}`,
    terminal,
    Object.assign(new Error(answer), { code: `HTTP_${status}` }),
  )
}
