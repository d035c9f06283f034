import type { JsonObject } from "../catalogue/json.ts"
import type { Portal } from "./portal.ts"
import type { Behaviour } from "./misbehaviour.ts"

/** What another process may ask of a running portal, by `POST /__control`; each action is one JSON object. */
export type ControlAction =
  | { readonly moveTo: string; readonly dataset?: string }
  | {
      readonly replace: string
      readonly file?: string
      readonly inflate?: boolean
      readonly text?: string
      readonly title?: string
      readonly at?: string
    }
  | { readonly removeResource: string }
  | { readonly crawl: string }
  | { readonly archive: string }
  | { readonly delete: string }
  | { readonly makePrivate: string }
  | { readonly rename: string; readonly slug: string }
  | { readonly misbehave: string; readonly behaviour: Behaviour; readonly times?: number }
  | { readonly behave: true }
  | { readonly clear: true }

/** Does one action. Throws, saying why, when the action is unknown or what it names is not there. */
export const control = (portal: Portal, action: ControlAction): void => {
  if ("moveTo" in action) return portal.moveTo(action.moveTo, action.dataset)
  if ("replace" in action) {
    const { replace, file, inflate, text, ...options } = action
    if (file === undefined && text === undefined) throw new Error("replace needs a file or a text")
    const content = file === undefined ? { bytes: text ?? "" } : { file, inflate: inflate ?? false }
    return portal.replace(replace, content, options)
  }
  if ("removeResource" in action) return portal.removeResource(action.removeResource)
  if ("crawl" in action) return portal.crawl(action.crawl)
  if ("archive" in action) return portal.archive(action.archive)
  if ("delete" in action) return portal.delete(action.delete)
  if ("makePrivate" in action) return portal.makePrivate(action.makePrivate)
  if ("rename" in action) return portal.rename(action.rename, action.slug)
  if ("misbehave" in action) return portal.misbehave(action.misbehave, action.behaviour, action.times)
  if ("behave" in action) return portal.behave()
  if ("clear" in action) return portal.clear()
  throw new Error(`Unknown action ${JSON.stringify(action)}`)
}

/** What `/__control` answers. */
export const report = (portal: Portal): JsonObject => ({
  now: portal.now,
  concurrency: portal.concurrency,
  requests: portal.requests.map(({ method, path, status, bytes }) => ({ method, path, status, bytes })),
})
