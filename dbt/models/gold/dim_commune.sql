-- One row a version; the key of a fact's day is found by valid_from and valid_to.
select
    {{ surrogate_key(['code_commune', 'valid_from']) }} as commune_key,
    {{ surrogate_key(['code_departement']) }} as departement_key,
    code_commune,
    nom,
    code_departement,
    valid_from,
    valid_to,
    valid_to is null as est_actuelle
from {{ ref('commune_version') }}
union all
select {{ unknown_key() }}, {{ unknown_key() }}, '?', 'Inconnue', '?', cast('0001-01-01' as date), null, true
