/**
 * Keeps downloads on the public internet: a dataset's URL is somebody else's text, and must not read what only this machine can reach.
 * The name is checked before each hop, the addresses when the socket connects: the address that was checked is the address that is used.
 */
import { isIP, type LookupFunction } from "node:net"
import { isPublicAddress } from "./address.ts"

/** Endings of names that no public resolver knows. They matter behind a proxy, where names are not resolved here. */
const privateEndings = [
  ".localhost",
  ".local",
  ".internal",
  ".intranet",
  ".lan",
  ".home",
  ".corp",
  ".private",
  ".home.arpa",
]

/** The code of the error with which a socket to a private address fails. */
export const refusedCode = "ERR_PRIVATE_ADDRESS"

const bare = (host: string): string =>
  host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "")

const hint = "if it is yours, name its host in the option `allowPrivate`"

/** Says whether a host was explicitly allowed; `*` in a pattern stands for any text. */
export const hostRule = (patterns: ReadonlyArray<string>): ((host: string) => boolean) => {
  const rules = patterns.map(
    (pattern) =>
      new RegExp(
        `^${bare(pattern)
          .replace(/[.+?^${}()|[\]\\]/g, "\\$&")
          .replaceAll("*", ".*")}$`,
      ),
  )
  return (host) => rules.some((rule) => rule.test(bare(host)))
}

/** Why the host of a URL is refused before anything is resolved, or undefined. Odd forms (`0x7f.1`) are dotted already: `URL` does that. */
export const refuseHost = (host: string, allowed: (host: string) => boolean): string | undefined => {
  if (allowed(host)) return undefined
  const name = bare(host)
  const isPrivate =
    isIP(name) === 0
      ? !name.includes(".") || privateEndings.some((ending) => name.endsWith(ending))
      : !isPublicAddress(name)
  return isPrivate ? `${host} is not a public host; ${hint}` : undefined
}

/** A resolver that fails when any address of a name is not public. */
export const guardedLookup =
  (lookup: LookupFunction, allowed: (host: string) => boolean): LookupFunction =>
  (host, options, callback) =>
    lookup(host, { ...options, all: true }, (error, found, family) => {
      if (error !== null) return callback(error, "", 0)
      const addresses = typeof found === "string" ? [{ address: found, family: family ?? isIP(found) }] : found
      const bad = allowed(host) ? undefined : addresses.find(({ address }) => !isPublicAddress(address))
      const first = addresses[0]
      if (bad !== undefined) {
        const message = `${host} resolves to ${bad.address}, which is not a public address; ${hint}`
        return callback(Object.assign(new Error(message), { code: refusedCode }), "", 0)
      }
      if (first === undefined)
        return callback(Object.assign(new Error(`${host} has no address`), { code: "ENOTFOUND" }), "", 0)
      return options.all === true ? callback(null, addresses) : callback(null, first.address, first.family)
    })
