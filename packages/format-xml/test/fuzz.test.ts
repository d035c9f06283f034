import { describe, it } from "@effect/vitest"
import { fuzzFormat } from "@opendatahub-sql/core/testing"
import { xml } from "../src/index.ts"
import { corpus, fuel } from "./corpus.ts"

const long = process.env["ODH_LONG"] === "1"
/** Milliseconds: far more than the machine that is slowest, and hours for the long lane. */
const TIMEOUT = long ? 3 * 3_600_000 : 300_000
const entities = '<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z SYSTEM "file:///etc/passwd"><!ENTITY w "&x;&x;">]>'

describe("any bytes whatever", () => {
  it(
    "are rows and rejects, all records told, or a typed error",
    async () => {
      const tally = await fuzzFormat({
        format: xml(),
        name: "file.xml",
        corpus: [
          Buffer.concat([fuel().subarray(0, 6_000), Buffer.from("</pdv></pdv_liste>")]),
          corpus("decp-marches-json-xml/Marche.xml").subarray(0, 15_000),
          ...[
            '<?xml version="1.0"?>\r\n<villes maj="2024"><ville code="01001">L&#39;Abergement<maire>A &lt; B</maire></ville><!-- x --><ville code="2A004"><![CDATA[Ajaccio & <co>]]></ville></villes>',
            `${entities}<a><b>&x;</b><b>2</b></a>`,
            '<l xmlns:n="u"><r n:k="1"><v>1</v><v>2</v></r><r/><r><v a="b"/></r></l>',
            '<?xml version="1.0" encoding="ISO-8859-1"?><a><b><c>1</c></b><b><c>2</c></b></a>',
          ].map((text) => Buffer.from(text)),
        ],
        words: [
          "<b>",
          "</b>",
          "</a>",
          "<b/>",
          "<!--",
          "-->",
          "<![CDATA[",
          "]]>",
          "&x;",
          "&#0;",
          "&#x110000;",
          "&lt;",
          "<?pi?>",
          ' a="',
          "<!DOCTYPE a [",
          entities,
        ],
        runs: long ? 20_000 : 500,
        expects: { read: 5 },
      })
      console.log("xml:", tally)
    },
    TIMEOUT,
  )
})
