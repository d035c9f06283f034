import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** The repository's real files. */
export const corpus = fileURLToPath(new URL("../../../fixtures/corpus/", import.meta.url))

export const readCorpus = (file: string): Buffer => readFileSync(corpus + file)

export const readCorpusJson = (file: string): Record<string, unknown> => JSON.parse(readCorpus(file).toString("utf8"))

export const covid = "5e7e104ace2080d9162b61d8"
export const covidFile = "63352e38-d353-4b54-bfd1-f1b3ee1cabd7"
export const holidays = "5b3cc551c751df4822526c1c"
export const holidaysFile = "6637991e-c4d8-4cd6-854e-ce33c5ab49d5"
