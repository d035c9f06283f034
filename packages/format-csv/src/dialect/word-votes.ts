/** What tells names of columns from records where both are words: how they are written, and which words they are. */
import { cellKind, kindOf } from "./cell-kind.ts"

type Row = ReadonlyArray<string>

/** Words that columns are called by, in French and English, without accents. */
const usual = new Set(
  `id identifiant identifier uid uuid code num numero number no nb rang rank nom noms name names prenom surname firstname lastname titre title
  intitule libelle label designation description desc detail details commentaire commentaires comment comments remarque note notes observation
  type types categorie category genre gender sexe sex classe class groupe group nature forme famille theme statut status etat state
  adresse address rue street voie lieu place site localisation location commune ville city town cp postal zip departement departements dept
  department region regions pays country province county canton zone secteur sector quartier district
  date jour day mois month annee year heure hour time debut start fin end periode period
  organisme organisation organization structure societe company entreprise etablissement institution service direction agence fournisseur
  supplier client customer auteur author editeur publisher responsable contact telephone tel phone email mail courriel url web lien link
  valeur value montant amount prix price total quantite quantity unite unit taux rate
  langue language source reference ref key cle field champ column parent marque brand modele model produit product article item version`.split(
    /\s+/,
  ),
)

const plain = (text: string): string =>
  text
    .normalize("NFD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/([a-z])(?=[A-Z])/g, "$1 ")
    .toLowerCase()

const isUsual = (cell: string): boolean =>
  plain(cell)
    .split(/[^a-z]+/)
    .some((word) => usual.has(word))

/** Letters as `a` and digits as `9`: `Q1_1` is `a9_9`. */
const shape = (cell: string): string => cell.replaceAll(/\p{L}+/gu, "a").replaceAll(/\d+/g, "9")

/** Whether most of these are called as columns are. */
export const areUsualNames = (cells: Row): boolean => cells.filter(isUsual).length > cells.length / 2

/** Ways of writing that whole columns have. */
const camel = (cell: string): boolean => /\p{Ll}\p{Lu}/u.test(cell)
const snake = (cell: string): boolean => cell.includes("_")
const address = (cell: string): boolean => /[/@]/.test(cell)
const lower = (cell: string): boolean => !/\p{Lu}/u.test(cell)
const upper = (cell: string): boolean => !/\p{Ll}/u.test(cell)

const FEW = 3
/** In characters: what follows in a cell tells no more. */
const LONGEST = 256
const MOST = 0.9
const PREFIX = 4

const share = (cells: Row, has: (cell: string) => boolean): number => cells.filter(has).length / cells.length

/** Between -1, a word like those below it, and 1, a word unlike them; 0 where either is no word. */
const wordVote = (cell: string, column: Row): number => {
  const below = column.map((each) => each.slice(0, LONGEST)).filter((each) => each.trim() !== "")
  if (cellKind(cell) !== "text" || below.length < FEW || kindOf(below) !== "text") return 0
  let score = isUsual(cell) && share(below, isUsual) < 0.5 ? 1 : 0
  for (const way of [camel, snake, address]) {
    const usually = share(below, way)
    if (usually >= MOST) score += way(cell) ? -1 : 1
    else if (usually <= 1 - MOST && way !== address && way(cell)) score++
  }
  const form = shape(cell)
  if (form.includes("9") && share(below, (each) => shape(each) === form) >= 0.5) score--
  for (const way of [lower, upper]) {
    const usually = share(below, way)
    if ((usually >= MOST && !way(cell)) || (usually <= 1 - MOST && way(cell))) score++
  }
  const start = cell.slice(0, PREFIX)
  if (cell.length > PREFIX && share(below, (each) => each.startsWith(start)) >= 0.3) score--
  return Math.max(-1, Math.min(1, score))
}

/** For (positive) and against (negative) `row` being the names of columns of words, one vote a column. */
export const wordVotes = (row: Row, body: ReadonlyArray<Row>): number =>
  row.reduce(
    (total, cell, column) =>
      total +
      wordVote(
        cell,
        body.map((each) => each[column] ?? ""),
      ),
    0,
  )
