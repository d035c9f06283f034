-- Coordinates come in hundred-thousandths of a degree. The département of an address is the head of its postal code; Corsica has two.
select
    id as code_station,
    ville,
    adresse,
    cp as code_postal,
    case
        when cp like '200%' or cp like '201%' then '2A'
        when cp like '20%' then '2B'
        when cp like '97%' or cp like '98%' then substr(cp, 1, 3)
        else substr(cp, 1, 2)
    end as code_departement,
    pop = 'A' as sur_autoroute,
    cast(latitude / 100000 as decimal(9, 6)) as latitude,
    cast(longitude / 100000 as decimal(9, 6)) as longitude,
    _id,
    _dataset_id
from {{ ref('slv_prix_carburants') }}
