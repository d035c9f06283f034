/** The datasets on which the project shows what it does: those that the replica of the portal serves, as the configuration names them. */
export const pilots = `[
      { id: "5b3cc551c751df4822526c1c", resources: { format: "csv" }, into: "jours_feries" },
      { id: "5e7e104ace2080d9162b61d8", into: "hospitalisations" },
      { id: "53698f4ca3a729239d2036df", into: "accidents_lieux" },
      { id: "621df2954fa5a3b5a023e23c", into: "delinquance" },
      { id: "code-officiel-geographique-cog", resources: { title: "communes*" }, into: "communes" },
      { id: "code-officiel-geographique-cog", resources: { title: "mouvements*" }, into: "mouvements_communes" },
      { id: "communes-simplifie-2014", into: "communes_2014" },
      { id: "prix-des-carburants-en-france-flux-instantane", into: "prix_carburants" },
      { id: "5cd57bf68b4c4179299eb0e9", resources: { format: "json" }, into: "marches" },
      { id: "base-nationale-des-lieux-de-covoiturage", into: "covoiturage" },
      { id: "reseaux-de-transports-en-commun-de-la-metropole-daix-marseille-provence", into: "gtfs_frioul" },
      { id: "velib-velos-et-bornes-disponibilite-temps-reel", into: "velib" },
      { id: "liste-des-gares", into: "gares" },
      { id: "base-officielle-des-codes-postaux", into: "codes_postaux" },
    ]`
