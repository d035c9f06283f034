select
    {{ surrogate_key(['code_uic']) }} as gare_key, code_uic, nom, commune, departement, transporte_fret, transporte_voyageurs, latitude, longitude, cast(lignes as integer) as lignes
from {{ ref('gare') }}
union all
select {{ unknown_key() }}, -1, 'Inconnue', null, null, false, false, null, null, 0
