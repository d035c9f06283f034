/** Our names for what files call as they like: lower case ASCII, digits and `_`, at most 63 characters, unique, the same for the same input. */
import { createHash } from "node:crypto"

const LONGEST = 63
/** Of a long name, what stays of its general part at least. */
const SHORTEST_GENERAL = 12

/** `Libellé de l'unité (N°)` → `libelle_de_l_unite_n`; the empty string when nothing is left. */
export const normaliseName = (name: string): string =>
  name
    .replaceAll("œ", "oe")
    .replaceAll("Œ", "oe")
    .replaceAll("æ", "ae")
    .replaceAll("Æ", "ae")
    .replaceAll("ß", "ss")
    .normalize("NFKD")
    .replaceAll(/\p{M}+/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_+|_+$/g, "")

/** `communes.csv.gz` → `communes`, `lieux.2019.csv` → `lieux.2019`: an extension begins with a letter, and may be followed by one of compression. */
export const withoutExtension = (name: string): string =>
  name.replace(/\.(gz|gzip|bz2|xz|zst|zip|7z)$/i, "").replace(/\.[a-z][a-z0-9]{0,9}$/i, "")

const shorten = (name: string, longest: number): string => name.slice(0, longest).replace(/_+$/, "")

const startsWithLetter = (name: string, prefix: string): string => (/^[0-9]/.test(name) ? `${prefix}_${name}` : name)

/**
 * Names for the columns of one table, in order: an empty header becomes `column_3`, `2019` becomes `c_2019`, the second `nom` becomes
 * `nom_2`. No name starts with `_`: those are ours (`_row`, `_extracted_at`…).
 */
export const columnNames = (originals: ReadonlyArray<string>): ReadonlyArray<string> => {
  const taken = new Set<string>()
  const wanted = originals.map(
    (original, index) => shorten(startsWithLetter(normaliseName(original), "c"), LONGEST) || `column_${index + 1}`,
  )
  const alone = new Set(
    wanted.filter((name, index) => wanted.indexOf(name) === index && wanted.lastIndexOf(name) === index),
  )
  return wanted.map((name) => {
    let unique = name
    for (let n = 2; taken.has(unique) || (unique !== name && alone.has(unique)); n++)
      unique = `${shorten(name, LONGEST - 1 - String(n).length)}_${n}`
    taken.add(unique)
    return unique
  })
}

/**
 * A table name from its parts, most general first; `__` separates a child list from its parent. A name that is too long is cut where it is
 * general, and gets eight digits of a hash of the whole there, so that two long titles never meet: `reseaux_de_transpo_4ed156a9_stops`.
 */
export const tableName = (...parts: ReadonlyArray<string>): string => {
  const clean = parts
    .map((part) =>
      part
        .split("__")
        .map(normaliseName)
        .filter((p) => p !== "")
        .join("__"),
    )
    .filter((p) => p !== "")
  const name = startsWithLetter(clean.join("_"), "t")
  if (name === "") return "table"
  if (name.length <= LONGEST) return name
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 8)
  const child = name.lastIndexOf("__")
  const special = child > 0 ? name.slice(child) : clean.length > 1 ? `_${clean.slice(1).join("_")}` : ""
  const room = LONGEST - 9 - special.length
  return room < SHORTEST_GENERAL ? `${shorten(name, LONGEST - 9)}_${hash}` : `${shorten(name, room)}_${hash}${special}`
}
