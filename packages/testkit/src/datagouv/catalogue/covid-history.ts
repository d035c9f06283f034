import type { PublicationInput } from "./dataset.ts"

const days = [
  "2020-03-23",
  "2020-03-24",
  "2020-03-27",
  "2020-03-31",
  "2020-04-04",
  "2020-04-08",
  "2020-04-12",
  "2020-04-17",
  "2020-04-21",
  "2020-04-25",
  "2020-04-29",
  "2020-05-03",
  "2020-05-07",
  "2020-05-11",
  "2020-05-15",
  "2020-05-19",
  "2020-05-23",
  "2020-05-27",
  "2020-05-31",
  "2020-06-04",
  "2020-06-08",
  "2020-06-12",
  "2020-06-16",
  "2020-06-20",
  "2020-06-24",
  "2020-06-27",
  "2020-06-29",
  "2020-06-30",
]

/** The states of the hospital file that are kept, each from 19:00 Paris time of its day; titles carry the date, as the real ones did. */
export const covidHistory: ReadonlyArray<PublicationInput> = days.map((day) => ({
  at: `${day}T17:00:00+00:00`,
  title: `donnees-hospitalieres-covid19-${day}-19h00.csv`,
  content: { file: `history-covid-hospit/${day}.csv.gz`, inflate: true },
}))
