import { buildConnector, type Dispatcher, EnvHttpProxyAgent } from "undici"
import type { Settings } from "../options.ts"
import { guardedLookup } from "./guard.ts"

/**
 * The connections. `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are obeyed: what goes through a proxy is resolved by the proxy, and trusted;
 * what does not is checked at connect time. HTTP/1.1 only: one file a connection, and ranges that behave the same everywhere.
 */
export const openDispatcher = (settings: Settings, allowed: (host: string) => boolean): Dispatcher =>
  new EnvHttpProxyAgent({
    allowH2: false,
    connectTimeout: settings.timeouts.connect,
    connect: buildConnector({
      allowH2: false,
      timeout: settings.timeouts.connect,
      lookup: guardedLookup(settings.lookup, allowed),
    }),
  })
