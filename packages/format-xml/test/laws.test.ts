import { formatLaws, registerLaws } from "@opendatahub-sql/core/testing"
import { it } from "@effect/vitest"
import { xml } from "../src/index.ts"
import { corpus, fuel } from "./corpus.ts"

const stations = (count: number): string => {
  const body = Array.from(
    { length: count },
    (_, i) =>
      `<pdv id="${i}" cp="75001"><ville>Paris ${i} &amp; été</ville><prix nom="Gazole" valeur="1.8"/><prix nom="E10" valeur="1.7"/></pdv>`,
  )
  return `<pdv_liste>${body.join("\n")}</pdv_liste>`
}

const small = `<?xml version="1.0"?>\r\n<villes maj="2024"><ville code="01001">L&#39;Abergement<maire>A &lt; B</maire></ville>
<!-- Œuvre --><ville code="2A004"><![CDATA[Ajaccio & <co>]]></ville></villes>`

const utf16 = Buffer.concat([
  Buffer.from([0xff, 0xfe]),
  Buffer.from(stations(30).replace("Paris", "Œuvre 😀"), "utf16le"),
])

registerLaws(
  it,
  formatLaws({
    format: xml(),
    samples: [
      {
        name: "small.xml",
        bytes: small,
        rows: {
          main: [
            { code: "01001", ville: "L'Abergement", maire: "A < B" },
            { code: "2A004", ville: "Ajaccio & <co>", maire: null },
          ],
        },
      },
      { name: "Marche.xml", bytes: corpus("decp-marches-json-xml/Marche.xml") },
      { name: "utf16.xml", bytes: utf16 },
      {
        name: "PrixCarburants_instantane.xml",
        bytes: fuel()
          .subarray(0, 1_000_000)
          .toString("latin1")
          .replace(/<pdv(?![\s\S]*<pdv)[\s\S]*$/, "</pdv_liste>")
          .replace("ISO-8859-1", "utf-8"),
      },
    ],
    large: stations,
    misconfigured: xml({ record: "", lists: [""] }),
    damaged: [
      { name: "cut", bytes: stations(100).slice(0, 3_000) },
      { name: "crossed", bytes: "<a><b></a></b>" },
      { name: "undeclared", bytes: "<a><b>&eacute;</b></a>" },
      { name: "two roots", bytes: "<a/><a/>" },
      { name: "quotes", bytes: "<a><b c=1/></a>" },
    ],
  }),
)
