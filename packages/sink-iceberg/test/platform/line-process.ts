/** A process that answers requests: one JSON line each on its standard input and output. */
import { spawn } from "node:child_process"
import { createInterface } from "node:readline"

export interface LineProcess {
  readonly ask: <Answer>(request: Readonly<Record<string, unknown>>) => Promise<Answer>
  /** The next line that it says by itself. */
  readonly line: () => Promise<string>
  /** It ends when its input does. */
  readonly close: () => Promise<void>
}

/** Starts it. */
export const startLineProcess = (
  program: string,
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {},
): LineProcess => {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"], env: { ...process.env, ...env } })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()))
  const line = async (): Promise<string> => {
    const { value, done } = await lines.next()
    if (done === true) throw new Error(`${program} ended`)
    return value
  }
  let last: Promise<unknown> = Promise.resolve()
  return {
    line,
    ask: <Answer>(request: Readonly<Record<string, unknown>>) => {
      const answer = last.then(async () => {
        child.stdin.write(`${JSON.stringify(request)}\n`)
        const reply = JSON.parse(await line()) as { readonly ok?: Answer; readonly error?: string }
        if (reply.ok === undefined) throw new Error(`${JSON.stringify(request).slice(0, 200)}: ${reply.error}`)
        return reply.ok
      })
      last = answer.catch(() => undefined)
      return answer
    },
    close: () => {
      child.stdin.end()
      return ended
    },
  }
}
