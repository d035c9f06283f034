/** Memory that something still holds on to: what is left after the collector has run. */
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

let collect: (() => void) | undefined

/** Bytes in use, in the heap and outside of it, after a full collection: what is measured is held, not waiting to be collected. */
export const liveMemory = (): number => {
  if (collect === undefined) {
    setFlagsFromString("--expose-gc")
    collect = runInNewContext("gc") as () => void
  }
  // What the first one frees outside of the heap is only subtracted in the second.
  collect()
  collect()
  const { external, heapUsed } = process.memoryUsage()
  return heapUsed + external
}
