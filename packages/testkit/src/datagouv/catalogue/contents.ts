import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { resolve, sep } from "node:path"
import { gunzipSync } from "node:zlib"
import type { Content } from "./dataset.ts"

/** The bytes of a content and what a server says of them. */
export interface Stored {
  readonly bytes: Uint8Array
  readonly sha1: string
}

const readIfPresent = (path: string): Uint8Array | undefined => {
  try {
    return readFileSync(path)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined
    throw cause
  }
}

/** Reads contents once and keeps them in memory; a file that is missing, or a portal without `files`, gives `undefined`. */
export class Contents {
  readonly #directory: string | undefined
  readonly #stored = new Map<string | Content, Stored | undefined>()

  constructor(directory: string | undefined) {
    this.#directory = directory === undefined ? undefined : resolve(directory)
  }

  get(content: Content | undefined): Stored | undefined {
    if (content === undefined) return undefined
    const key = "file" in content ? `${content.inflate === true}:${content.file}` : content
    if (!this.#stored.has(key)) this.#stored.set(key, this.#read(content))
    return this.#stored.get(key)
  }

  #read(content: Content): Stored | undefined {
    const bytes =
      "file" in content ? this.#readFile(content.file, content.inflate === true) : Buffer.from(content.bytes)
    return bytes === undefined ? undefined : { bytes, sha1: createHash("sha1").update(bytes).digest("hex") }
  }

  #readFile(file: string, inflate: boolean): Uint8Array | undefined {
    if (this.#directory === undefined) return undefined
    const path = resolve(this.#directory, file)
    if (!path.startsWith(this.#directory + sep))
      throw new Error(`File ${file} is outside of the portal's files directory`)
    const bytes = readIfPresent(path)
    return bytes !== undefined && inflate ? gunzipSync(bytes) : bytes
  }
}
