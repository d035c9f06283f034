/** The name under which a file is kept. Names come from strangers: they never choose a folder. */
import { percentDecoded } from "../network/url.ts"

const parameters = (header: string): ReadonlyMap<string, string> =>
  new Map(
    Array.from(header.matchAll(/;\s*([^\s=;]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)/g), ([, name = "", value = ""]) => [
      name.toLowerCase(),
      value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, "$1") : value.trim(),
    ]),
  )

/** `filename*` of RFC 8187: charset'language'text. */
const extended = (value: string | undefined): string | undefined => {
  const [, charset, text] = /^([\w-]+)'[^']*'(.*)$/.exec(value ?? "") ?? []
  return charset === undefined || text === undefined
    ? undefined
    : percentDecoded(text, charset.toLowerCase() === "utf-8" ? "utf8" : "latin1")
}

/** The last part of a path without what disturbs file systems and terminals, at most 200 bytes with its extension kept; "" when nothing is left. */
export const safeName = (text: string): string => {
  const name = (text.split(/[/\\]/).at(-1) ?? "").replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, "").trim()
  if (/^\.*$/.test(name)) return ""
  const extension = /(\.[A-Za-z0-9]{1,10}){1,2}$/.exec(name)?.[0] ?? ""
  let stem = name.slice(0, Math.min(name.length - extension.length, 200))
  while (Buffer.byteLength(stem + extension) > 200) stem = Array.from(stem).slice(0, -1).join("")
  return stem + extension
}

/** The first usable name of: `Content-Disposition`, the request's own, the last part of the address. */
export const fileName = (disposition: string | undefined, requested: string, url: URL): string => {
  const given = parameters(disposition === undefined ? "" : `;${disposition}`)
  const fromUrl = percentDecoded(url.pathname)
  const candidates = [extended(given.get("filename*")), given.get("filename"), requested, fromUrl]
  return candidates.map((name) => safeName(name ?? "")).find((name) => name !== "") ?? "download"
}
