/** Patterns of a configuration: globs, or regular expressions after `re:`. Case and accents never matter. */

const fold = (text: string): string =>
  text
    .normalize("NFKD")
    .replaceAll(/\p{M}+/gu, "")
    .toLowerCase()

const expression = (pattern: string): RegExp | undefined =>
  pattern.startsWith("re:") ? new RegExp(pattern.slice(3), "iu") : undefined

/** Why a pattern cannot be used, if so. */
export const patternProblem = (pattern: string): string | undefined => {
  if (pattern.trim() === "") return "a pattern cannot be empty; leave the key out to accept everything"
  try {
    expression(pattern)
    return undefined
  } catch (cause) {
    return `"${pattern}" is not a regular expression: ${String(cause).replace(/^.*?: /, "")}`
  }
}

const glob = (pattern: string): RegExp =>
  new RegExp(
    `^${fold(pattern)
      .replaceAll(/[\\^$.()|[\]{}+/]/g, "\\$&")
      .replaceAll("*", "[^]*")
      .replaceAll("?", "[^]")}$`,
    "u",
  )

/**
 * Compiles a pattern that {@link patternProblem} accepted. A glob must match the whole text (`*` any run of characters, `?` one);
 * a regular expression may match anywhere, in the text as it is or without its accents.
 */
export const compilePattern = (pattern: string): ((text: string) => boolean) => {
  const regexp = expression(pattern)
  if (regexp !== undefined) return (text) => regexp.test(text) || regexp.test(fold(text))
  const whole = glob(pattern.trim())
  return (text) => whole.test(fold(text.trim()))
}
