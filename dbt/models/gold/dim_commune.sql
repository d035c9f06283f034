-- One row a version; the key of a fact's day is found by valid_from and valid_to. Départements that are no more (Seine, Corse) are unknown to
-- `dim_departement`, which has those since 2016.
select
    {{ surrogate_key(['code_commune', 'valid_from']) }} as commune_key,
    {{ known_or_unknown('departements.departement_key') }} as departement_key,
    versions.code_commune,
    versions.nom,
    versions.code_departement,
    versions.valid_from,
    versions.valid_to,
    versions.valid_to is null as est_actuelle
from {{ ref('commune_version') }} as versions
left join {{ ref('dim_departement') }} as departements on versions.code_departement = departements.code_departement
union all
select {{ unknown_key() }}, {{ unknown_key() }}, '?', 'Inconnue', '?', cast('0001-01-01' as date), null, true
