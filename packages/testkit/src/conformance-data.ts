/** Where the kit's own files are: beside the sources, as beside what is published. A module at the top, as the path is relative to it. */
export const conformanceData: URL = new URL("../data/conformance/", import.meta.url)
