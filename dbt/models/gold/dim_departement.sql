select
    {{ surrogate_key(['departements.code_departement']) }} as departement_key,
    {{ surrogate_key(['departements.code_region']) }} as region_key,
    departements.code_departement,
    departements.nom,
    departements.code_region,
    regions.nom as nom_region
from {{ ref('departements') }} as departements
inner join {{ ref('regions') }} as regions on departements.code_region = regions.code_region
union all
select {{ unknown_key() }}, {{ unknown_key() }}, '?', 'Inconnu', '?', 'Inconnue'
