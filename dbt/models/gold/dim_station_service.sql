select
    {{ surrogate_key(['code_station']) }} as station_key,
    {{ surrogate_key(['code_departement']) }} as departement_key,
    code_station,
    ville,
    adresse,
    code_postal,
    code_departement,
    sur_autoroute,
    latitude,
    longitude
from {{ ref('station_service') }}
union all
select {{ unknown_key() }}, {{ unknown_key() }}, -1, 'Inconnue', null, null, '?', false, null, null
