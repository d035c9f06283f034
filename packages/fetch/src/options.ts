import { readFileSync } from "node:fs"
import * as dns from "node:dns"
import type { LookupFunction } from "node:net"

/** How long to wait, in milliseconds. */
export interface Timeouts {
  /** For a connection, TLS included. Default 15 s. */
  readonly connect?: number
  /** For the head of the answer once the request is sent. Default 60 s: portals' remotes may need 20 s and more. */
  readonly firstByte?: number
  /** Between two pieces of the body. Default 60 s. */
  readonly idle?: number
  /** For one download with its retries and the wait for its turn. Default 6 h. */
  readonly whole?: number
}

/** What the downloader can speak. */
export type Protocol = "http" | "https" | "ftp" | "ftps"

/** What can be set on the downloader. All of it has a default. */
export interface FetchOptions {
  readonly timeouts?: Timeouts
  /** Bytes of the largest file that is accepted, after decoding. Default 64 GiB. */
  readonly maxBytes?: number
  /** How many times in a row a download is tried again without any progress. Default 5. */
  readonly retries?: number
  /** Milliseconds before the first retry; the wait doubles up to 30 s. Default 500. */
  readonly firstWait?: number
  /** Requests at once to one host, at most: fewer while it suffers. Default 4. */
  readonly perHost?: number
  /** Requests a second to one host. Default: no limit but `perHost`. */
  readonly perSecond?: number
  /**
   * The SQLite file in which processes of this machine count their requests to a host together, and remember which hosts are down;
   * `sharedHostBook()` is the usual place. Default: `:memory:`, this layer alone.
   */
  readonly hostBook?: string
  /** An address or mail for those who run the servers, added to the user agent. */
  readonly contact?: string
  /** Replaces the whole user agent. */
  readonly userAgent?: string
  /**
   * Hosts that may be on a private network, as the URL writes them: `localhost`, `127.0.0.1`, `*.intranet.example`. Default none.
   * A name that is listed here may resolve to any address.
   */
  readonly allowPrivate?: ReadonlyArray<string>
  /** What is spoken, at the first address and behind redirects. Default `http`, `https`, `ftp`, `ftps`. */
  readonly protocols?: ReadonlyArray<Protocol>
  /** How names become addresses; its answers are checked. Default: the system's resolver. */
  readonly lookup?: LookupFunction
}

/** The options with their defaults. */
export interface Settings {
  readonly timeouts: Required<Timeouts>
  readonly maxBytes: number
  readonly retries: number
  readonly firstWait: number
  readonly perHost: number
  readonly perSecond: number | undefined
  readonly hostBook: string
  readonly userAgent: string
  readonly allowPrivate: ReadonlyArray<string>
  readonly protocols: ReadonlyArray<string>
  readonly lookup: LookupFunction
}

const version = (): string => {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))
  return typeof manifest === "object" && manifest !== null && "version" in manifest ? String(manifest.version) : "0"
}

/** The name under which servers see us. */
const userAgentOf = (contact: string | undefined): string => {
  const about = ["+https://github.com/opendatahub-sql/opendatahub-sql", ...(contact === undefined ? [] : [contact])]
  return `opendatahub-sql/${version()} (${about.join("; ")})`
}

/** Fills in the defaults. */
export const settingsOf = (options: FetchOptions): Settings => ({
  timeouts: { connect: 15_000, firstByte: 60_000, idle: 60_000, whole: 6 * 3_600_000, ...options.timeouts },
  maxBytes: options.maxBytes ?? 64 * 1024 ** 3,
  retries: options.retries ?? 5,
  firstWait: options.firstWait ?? 500,
  perHost: options.perHost ?? 4,
  perSecond: options.perSecond,
  hostBook: options.hostBook ?? ":memory:",
  userAgent: options.userAgent ?? userAgentOf(options.contact),
  allowPrivate: options.allowPrivate ?? [],
  protocols: options.protocols ?? ["http", "https", "ftp", "ftps"],
  lookup: options.lookup ?? dns.lookup,
})
