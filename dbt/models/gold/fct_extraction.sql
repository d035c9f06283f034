-- One row a file that was kept and loaded, from the warehouse's own ledger.
select
    {{ surrogate_key(['loads.source', 'loads.resource_id', 'loads.extracted_at']) }} as extraction_key,
    {{ known_or_unknown('datasets.dataset_key') }} as dataset_key,
    loads.resource_id,
    cast(loads.extracted_at as date) as jour,
    cast(loads.extracted_at as timestamp) as extrait_a,
    loads.file_sha256
from {{ source('odh', 'loads') }} as loads
left join {{ ref('dim_dataset') }} as datasets on loads.dataset_id = datasets.dataset_id
