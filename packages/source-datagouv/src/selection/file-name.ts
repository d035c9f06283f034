/** `…/valeursfoncieres-2023.txt?x=1` → `valeursfoncieres-2023.txt`: the last segment of a URL's path, decoded; empty when there is none. */
export const fileName = (url: string): string => {
  const segment = (URL.canParse(url) ? new URL(url).pathname : (url.split(/[?#]/)[0] ?? "")).split("/").at(-1) ?? ""
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
