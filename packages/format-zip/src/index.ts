export { bzip2, gzip, zstd } from "./compressed/compressed.ts"
export { tar } from "./tar/tar.ts"
export { zip } from "./zip/zip.ts"
