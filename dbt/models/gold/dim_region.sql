select {{ surrogate_key(['code_region']) }} as region_key, code_region, nom
from {{ ref('regions') }}
union all
select {{ unknown_key() }}, '?', 'Inconnue'
