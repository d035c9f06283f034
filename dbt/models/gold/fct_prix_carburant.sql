-- One row a station and fuel: the last price it told, in euros a litre, at the time of Paris.
select
    cast(prix.maj as date) as jour,
    prix.maj as releve_a,
    {{ known_or_unknown('stations.station_key') }} as station_key,
    {{ surrogate_key(['prix.id']) }} as carburant_key,
    cast(prix.valeur as decimal(9, 3)) as prix_euros,
    prix._load_id as load_id,
    prix._row as ligne
from {{ ref('slv_prix_carburants__prix') }} as prix
left join {{ ref('station_service') }} as parents on prix._parent_id = parents._id
left join {{ ref('dim_station_service') }} as stations on parents.code_station = stations.code_station
