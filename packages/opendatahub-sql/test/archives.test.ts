import { assert, describe, it } from "@effect/vitest"
import { dataset } from "@opendatahub-sql/testkit/datagouv"
import * as Effect from "effect/Effect"
import { execFileSync } from "node:child_process"
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { odh } from "./support/command.ts"
import { hubOf, placeIn, sync } from "./support/hub.ts"
import { ask, emptyPortal, temporaryFolder } from "./support/place.ts"

/** Python packs: two members of one shape, one of another, one whose checksum is wrong, one within a tar.bz2, and what publishers add. */
const packing = `
import bz2, io, sys, tarfile, zipfile
def tar(name, content):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return bz2.compress(out.getvalue())
with zipfile.ZipFile(sys.argv[1], "w") as archive:
    archive.writestr("depots/dep_01.csv", "code;valeur\\n01001;1\\n")
    archive.writestr("depots/dep_02.csv", "valeur;code\\n2,5;02001\\n3;02002\\n")
    archive.writestr("communes.csv", "code;nom\\n01001;L'Abergement\\n")
    archive.writestr("damaged.csv", "code;valeur\\n03001;4\\n")
    archive.writestr("autres.tar.bz2", tar("dep_04.csv", b"code;valeur\\n04001;5\\n"))
    archive.writestr("__MACOSX/._communes.csv", "x")
    archive.writestr("notice.pdf", "%PDF")
    archive.writestr("../../climbing.csv", "code;valeur\\n05001;6\\n")
data = bytearray(open(sys.argv[1], "rb").read())
data[data.index(b"03001;4")] ^= 1
open(sys.argv[1], "wb").write(data)
`

const packed = Effect.map(temporaryFolder, (folder) => {
  const path = join(folder, "depots.zip")
  execFileSync("python3", ["-c", packing, path])
  return { folder, path }
})

const left = [
  ["../../climbing.csv", "unsafe-member"],
  ["__MACOSX/._communes.csv", "foreign-member"],
  ["damaged.csv", "unreadable-member"],
  ["notice.pdf", "foreign-member"],
]
const rejected = (database: string, path: string) =>
  ask(database, `select _member, code from read_parquet('${path}') where kind = 'member' order by 1`)

describe("an archive of several shapes, with a damaged member and others that are no data", () => {
  it.effect("is loaded in one commit, each row with its member; what was left out is told and kept as rejects", () =>
    Effect.gen(function* () {
      const { folder, path } = yield* packed
      const portal = yield* emptyPortal
      portal.add(
        dataset({
          slug: "depots",
          title: "Dépôts",
          resources: [{ title: "depots.zip", content: { bytes: readFileSync(path) } }],
        }),
      )
      const place = placeIn(folder)
      const [report] = (yield* sync(yield* hubOf(place, portal, ["depots"]))).resources
      assert.strictEqual(report?.status, "loaded", JSON.stringify(report))
      assert.deepStrictEqual(
        report?.warnings?.map((warning) => warning.split(" was left out")[0]).toSorted(),
        left.map(([name]) => name),
      )
      assert.deepStrictEqual(
        yield* ask(
          place.warehouse,
          "select _member, code, valeur::varchar as valeur from bronze.depots_dep order by code",
        ),
        [
          { _member: "depots/dep_01.csv", code: "01001", valeur: "1.0" },
          { _member: "depots/dep_02.csv", code: "02001", valeur: "2.5" },
          { _member: "depots/dep_02.csv", code: "02002", valeur: "3.0" },
          { _member: "autres.tar.bz2!autres.tar!dep_04.csv", code: "04001", valeur: "5.0" },
        ],
      )
      assert.deepStrictEqual(yield* ask(place.warehouse, "select _member, code, nom from bronze.depots_communes"), [
        { _member: "communes.csv", code: "01001", nom: "L'Abergement" },
      ])
      assert.deepStrictEqual(yield* ask(place.warehouse, "select count(*)::integer as n from odh.loads"), [{ n: 1 }])
      const [rejects = ""] = globSync(join(place.lake, "**/*.rejects.parquet"))
      assert.deepStrictEqual((yield* rejected(place.warehouse, rejects)).map(Object.values), left)
    }),
  )

  it.effect("is converted with a column that tells the member, where several share a table", () =>
    Effect.gen(function* () {
      const { folder, path } = yield* packed
      const database = join(folder, "all.duckdb")
      const args = ["convert", path, "--to", database, "--rejects", "rejects.parquet"]
      const { code, err } = yield* odh(args, { cwd: folder })
      assert.strictEqual(code, 0, err)
      assert.include(err, "damaged.csv was left out")
      assert.deepStrictEqual(yield* ask(database, "select _member, code from depots_dep order by code limit 1"), [
        { _member: "depots/dep_01.csv", code: "01001" },
      ])
      assert.deepStrictEqual(yield* ask(database, "from depots_communes"), [{ code: "01001", nom: "L'Abergement" }])
      assert.deepStrictEqual((yield* rejected(database, join(folder, "rejects.parquet"))).map(Object.values), left)
    }),
  )
})
