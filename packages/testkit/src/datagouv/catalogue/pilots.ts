import { covidHistory } from "./covid-history.ts"
import { dataset, organization } from "./dataset.ts"
import type { Dataset, ResourceInput } from "./dataset.ts"

const insee = organization({
  id: "534fff81a3a7292c64a77e5c",
  slug: "institut-national-de-la-statistique-et-des-etudes-economiques-insee",
  name: "Institut National de la Statistique et des Etudes Economiques (Insee)",
  fields: { acronym: "INSEE" },
})
const santePublique = organization({
  id: "5e721a395d57f93d0bed451f",
  slug: "sante-publique-france",
  name: "Santé publique France",
})
const economie = organization({
  id: "534fff8ea3a7292c64a77f02",
  slug: "ministere-de-leconomie-des-finances-et-de-la-souverainete-industrielle-et-numerique",
  name: "Ministère de l'Économie, des Finances et de la Souveraineté industrielle et numérique",
})
const etalab = organization({ id: "534fff75a3a7292c64a77de4", slug: "etalab", name: "Etalab" })
const dataGouv = organization({ id: "646b7187b50b2a93b1ae3d45", slug: "data-gouv-fr", name: "data.gouv.fr" })
const interieur = organization({ slug: "ministere-de-l-interieur", name: "Ministère de l'Intérieur" })
const transport = organization({ slug: "point-dacces-national-transport-data-gouv-fr", name: "transport.data.gouv.fr" })
const sncf = organization({ slug: "sncf", name: "SNCF" })
const velib = organization({ slug: "autolib-velib-metropole", name: "Autolib Vélib Métropole" })
const laPoste = organization({ slug: "la-poste", name: "La Poste" })
const ecologie = organization({
  slug: "ministere-de-la-transition-ecologique",
  name: "Ministère de la Transition écologique",
})

/** A resource whose content is one file of the corpus, under its own name. */
const corpus = (file: string, more: Partial<ResourceInput> = {}): ResourceInput => ({
  title: file.slice(file.lastIndexOf("/") + 1),
  content: { file },
  ...more,
})

/**
 * Datasets whose real files are in this project's `fixtures/corpus`. Ids are the portal's where a public source gives them,
 * else derived from the slug; titles are the portal's or near to it.
 */
export const pilotDatasets = (): ReadonlyArray<Dataset> => [
  dataset({
    id: "5b3cc551c751df4822526c1c",
    slug: "jours-feries-en-france",
    title: "Jours fériés en France",
    description: "Jours fériés en métropole, de 2006 à cinq ans après l'année en cours.",
    organization: etalab,
    tags: ["calendrier", "jours-feries"],
    frequency: "annual",
    createdAt: "2018-07-04T13:02:09+00:00",
    resources: [
      corpus("jours-feries/jours_feries_metropole.csv", {
        id: "6637991e-c4d8-4cd6-854e-ce33c5ab49d5",
        url: "https://etalab.github.io/jours-feries-france-data/csv/jours_feries_metropole.csv",
      }),
      corpus("jours-feries/metropole.json", {
        url: "https://etalab.github.io/jours-feries-france-data/json/metropole.json",
      }),
    ],
  }),
  dataset({
    id: "5e7e104ace2080d9162b61d8",
    slug: "donnees-hospitalieres-relatives-a-lepidemie-de-covid-19",
    title: "Données hospitalières relatives à l'épidémie de COVID-19",
    organization: santePublique,
    tags: ["coronavirus", "covid19", "hopital"],
    frequency: "daily",
    createdAt: "2020-03-27T14:40:10+00:00",
    resources: [
      {
        id: "63352e38-d353-4b54-bfd1-f1b3ee1cabd7",
        title: "donnees-hospitalieres-covid19.csv",
        description: "Une ligne par département, sexe et jour.",
        publications: covidHistory,
      },
    ],
  }),
  dataset({
    id: "53698f4ca3a729239d2036df",
    slug: "bases-de-donnees-annuelles-des-accidents-corporels-de-la-circulation-routiere",
    title: "Bases de données annuelles des accidents corporels de la circulation routière",
    organization: interieur,
    tags: ["accident", "securite-routiere", "baac"],
    frequency: "annual",
    createdAt: "2013-07-08T12:00:00+00:00",
    resources: [corpus("baac-lieux-2019/lieux-2019.csv")],
  }),
  dataset({
    id: "621df2954fa5a3b5a023e23c",
    slug: "bases-statistiques-communale-departementale-et-regionale-de-la-delinquance",
    title: "Bases statistiques communale, départementale et régionale de la délinquance enregistrée",
    organization: interieur,
    tags: ["delinquance", "securite"],
    frequency: "annual",
    createdAt: "2022-03-01T10:00:00+00:00",
    resources: [
      corpus("ssmsi-delinquance-csv-gz/donnee-dep-data.gouv-2022-geographie2023-produit-le2023-07-17.csv.gz", {
        at: "2023-07-17T09:00:00+00:00",
      }),
    ],
  }),
  dataset({
    slug: "code-officiel-geographique-cog",
    title: "Code officiel géographique (COG)",
    organization: insee,
    tags: ["cog", "communes", "geographie"],
    frequency: "annual",
    createdAt: "2019-05-20T08:00:00+00:00",
    resources: [
      corpus("insee-cog-communes-2026/communes.csv"),
      corpus("insee-cog-communes-2026/mouvements-communes.csv"),
    ],
  }),
  dataset({
    slug: "communes-simplifie-2014",
    title: "Liste des communes au 1er janvier 2014",
    organization: insee,
    tags: ["communes", "geographie"],
    frequency: "punctual",
    createdAt: "2014-03-01T08:00:00+00:00",
    resources: [corpus("insee-comsimp2014-zip-cp1252-tab/comsimp2014.zip", { at: "2014-03-01T08:00:00+00:00" })],
  }),
  dataset({
    slug: "code-officiel-geographique-parquet",
    title: "Code officiel géographique au format Parquet",
    organization: insee,
    tags: ["cog", "communes"],
    frequency: "annual",
    createdAt: "2025-11-05T08:00:00+00:00",
    resources: [corpus("cog-parquet/code_officiel_geographique.parquet")],
  }),
  dataset({
    id: "5cd57bf68b4c4179299eb0e9",
    slug: "donnees-essentielles-de-la-commande-publique-fichiers-consolides",
    title: "Données essentielles de la commande publique - fichiers consolidés",
    organization: economie,
    tags: ["decp", "marches-publics", "commande-publique"],
    frequency: "daily",
    createdAt: "2019-05-10T13:25:10+00:00",
    resources: [
      corpus("decp-marches-json-xml/marches_avec_modifications.json", {
        schema: { name: "139bercy/format-commande-publique" },
      }),
      corpus("decp-marches-json-xml/Marche.xml", { schema: { name: "139bercy/format-commande-publique" } }),
    ],
  }),
  dataset({
    id: "5448d3e0c751df01f85d0572",
    slug: "fichier-consolide-des-bornes-de-recharge-pour-vehicules-electriques",
    title: "Base nationale des IRVE (Infrastructures de Recharge pour Véhicules Électriques)",
    organization: transport,
    tags: ["irve", "mobilite"],
    frequency: "daily",
    createdAt: "2014-10-23T12:06:40+00:00",
    resources: [
      corpus("schema-irve-with-example/exemple-valide-statique.csv", {
        schema: { name: "etalab/schema-irve-statique", version: "2.3.1" },
      }),
      corpus("schema-irve-with-example/schema-statique.json", { type: "documentation" }),
    ],
  }),
  dataset({
    slug: "base-nationale-des-lieux-de-covoiturage",
    title: "Base nationale des lieux de covoiturage",
    organization: transport,
    tags: ["covoiturage", "mobilite"],
    frequency: "irregular",
    createdAt: "2019-10-01T08:00:00+00:00",
    resources: [
      corpus("covoiturage-aires-latin1/csv_latin1.csv", { schema: { name: "etalab/schema-lieux-covoiturage" } }),
    ],
  }),
  dataset({
    slug: "reseaux-de-transports-en-commun-de-la-metropole-daix-marseille-provence",
    title: "Réseaux de transports en commun de la Métropole d'Aix-Marseille-Provence",
    organization: transport,
    tags: ["gtfs", "mobilite", "transport"],
    license: "odc-odbl",
    frequency: "weekly",
    createdAt: "2017-02-16T08:00:00+00:00",
    resources: [corpus("gtfs-frioul-bom-md5/gtfs.zip", { format: "gtfs", at: "2017-02-16T05:01:00+00:00" })],
  }),
  dataset({
    slug: "velib-velos-et-bornes-disponibilite-temps-reel",
    title: "Vélib' - Vélos et bornes - Disponibilité temps réel",
    organization: velib,
    tags: ["velo", "mobilite"],
    frequency: "continuous",
    createdAt: "2018-06-01T08:00:00+00:00",
    resources: [
      corpus("velib-2021/velib-disponibilite.2021-11.csv", {
        url: "https://opendata.paris.fr/explore/dataset/velib-disponibilite-en-temps-reel/download?format=csv",
      }),
    ],
  }),
  dataset({
    slug: "liste-des-gares",
    title: "Liste des gares",
    organization: sncf,
    tags: ["gare", "mobilite"],
    license: "odc-odbl",
    frequency: "irregular",
    createdAt: "2015-03-01T08:00:00+00:00",
    resources: [corpus("sncf-gares-2019-2021/liste-des-gares.upper.csv")],
  }),
  dataset({
    slug: "base-officielle-des-codes-postaux",
    title: "Base officielle des codes postaux",
    organization: laPoste,
    tags: ["code-postal", "communes"],
    license: "odc-odbl",
    frequency: "semiannual",
    createdAt: "2014-11-01T08:00:00+00:00",
    resources: [
      {
        title: "codes-postaux.json",
        content: { file: "codes-postaux-json-array/codes-postaux.json.gz", inflate: true },
      },
    ],
  }),
  dataset({
    slug: "prix-des-carburants-en-france-flux-instantane",
    title: "Prix des carburants en France - Flux instantané",
    organization: economie,
    tags: ["carburants", "prix"],
    frequency: "tenMinutes",
    createdAt: "2016-05-01T08:00:00+00:00",
    resources: [
      corpus("prix-carburants-zip-xml-latin1/PrixCarburants_instantane.zip", {
        url: "https://donnees.roulez-eco.fr/opendata/instantane",
      }),
    ],
  }),
  dataset({
    slug: "contours-des-departements-francais",
    title: "Contours des départements français",
    organization: etalab,
    tags: ["departements", "geographie"],
    frequency: "punctual",
    createdAt: "2018-01-01T08:00:00+00:00",
    resources: [corpus("geojson-departements/departements-version-simplifiee.geojson")],
  }),
  dataset({
    slug: "communes-et-epci-du-tarn",
    title: "Communes et EPCI du Tarn",
    tags: ["communes", "geographie"],
    frequency: "punctual",
    createdAt: "2019-01-01T08:00:00+00:00",
    resources: [corpus("geojson-lambert93/districts.geojson")],
  }),
  dataset({
    slug: "plan-de-prevention-des-risques-technologiques-69",
    title: "Plan de prévention des risques technologiques (Rhône)",
    organization: ecologie,
    tags: ["pprt", "risque"],
    frequency: "punctual",
    createdAt: "2017-01-01T08:00:00+00:00",
    resources: [corpus("geopackage-pprt/pprt_69dreal20090005.gpkg")],
  }),
  dataset({
    slug: "plan-local-durbanisme-30014",
    title: "Plan local d'urbanisme : zones (shapefile)",
    tags: ["plu", "urbanisme"],
    frequency: "punctual",
    createdAt: "2018-12-10T08:00:00+00:00",
    resources: ["shp", "shx", "dbf", "prj", "cpg"].map((extension) =>
      corpus(`shapefile-plu-lambert93/30014_ZONE_URBA_20171013.${extension}`),
    ),
  }),
  dataset({
    slug: "indice-de-durabilite-lave-linge",
    title: "Indice de durabilité des lave-linge",
    organization: dataGouv,
    tags: ["indice-durabilite"],
    frequency: "irregular",
    createdAt: "2026-08-11T08:00:00+00:00",
    resources: ["xlsx", "ods"].map((extension) =>
      corpus(`one-table-xlsx-ods/lave-linge.${extension}`, { schema: { name: "etalab/indice-durabilite-lave-linge" } }),
    ),
  }),
]
