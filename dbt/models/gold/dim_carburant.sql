select {{ surrogate_key(['id']) }} as carburant_key, id as code_carburant, min(nom) as nom
from {{ ref('slv_prix_carburants__prix') }}
group by id
union all
select {{ unknown_key() }}, -1, 'Inconnu'
