/** Decompression by what Node has; Snappy is hyparquet's own. LZ4 and LZO are not among them: the engine reads the former. */
import type { Compressors } from "hyparquet"
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib"

/** Each refuses to unpack more than the page says. */
export const compressors: Compressors = {
  GZIP: (input, maxOutputLength) => gunzipSync(input, { maxOutputLength }),
  BROTLI: (input, maxOutputLength) => brotliDecompressSync(input, { maxOutputLength }),
  ZSTD: (input, maxOutputLength) => zstdDecompressSync(input, { maxOutputLength }),
}
