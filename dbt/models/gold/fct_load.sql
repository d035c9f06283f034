-- One row a table of a load.
select
    load_tables.load_key as load_id,
    load_tables.table_name,
    {{ surrogate_key(['loads.source', 'loads.resource_id', 'loads.extracted_at']) }} as extraction_key,
    cast(loads.loaded_at as date) as jour,
    cast(loads.loaded_at as timestamp) as charge_a,
    load_tables.rows as lignes,
    load_tables.rejects as rejets
from {{ source('odh', 'load_tables') }} as load_tables
inner join {{ source('odh', 'loads') }} as loads on load_tables.load_key = loads.load_key
