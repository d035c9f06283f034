/** The resources of the benchmark: which there are, where, and their bytes. */
import { createHash } from "node:crypto"

export const RESOURCES = 1_000
export const HOSTS = 50
/** At once to one host: what `curl` is not told, and we keep to. */
export const PER_HOST = 4

/** Never the same for two resources: 4 to 100 kB. */
export const bytesOf = (number: number): Buffer => {
  const block = createHash("sha512").update(String(number)).digest()
  return Buffer.alloc(4_000 + ((number * 7_919) % 96_000), block)
}

export const sha256Of = (number: number): string => createHash("sha256").update(bytesOf(number)).digest("hex")

/** Gone for good; all others come, some after a failure. */
export const isMissing = (number: number): boolean => number % 100 === 7

export const urlOf = (port: number, run: string, number: number): string =>
  `http://host${number % HOSTS}.test:${port}/${run}/${number}`
