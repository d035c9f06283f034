-- Licence and attribution go with the data.
select
    {{ surrogate_key(['dataset_id']) }} as dataset_key,
    dataset_id,
    slug,
    titre,
    organisation,
    licence
from {{ ref('slv_odh_dataset') }}
union all
select {{ unknown_key() }}, '?', '?', 'Inconnu', null, null
