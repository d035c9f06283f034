/** The XML declaration: `version`, then `encoding`, then `standalone` (production 23). */
const DECLARATION =
  /^version\s*=\s*(?:"1\.[0-9]+"|'1\.[0-9]+')(?:\s+encoding\s*=\s*(?:"[A-Za-z][\w.-]*"|'[A-Za-z][\w.-]*'))?(?:\s+standalone\s*=\s*(?:"(?:yes|no)"|'(?:yes|no)'))?\s*$/

/** Whether what stands between `<?xml ` and `?>` is a declaration. */
export const isDeclaration = (content: string): boolean => DECLARATION.test(content)
