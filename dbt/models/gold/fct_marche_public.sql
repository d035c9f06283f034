-- One row a contract and holder; the amount belongs to the contract, its share to the holder, so that shares add up.
select
    marches.id as numero_marche,
    marches.datenotification as jour,
    {{ surrogate_key(["lpad(cast(marches.acheteur_id as varchar), 14, '0')"]) }} as acheteur_key,
    {{ known_or_unknown('titulaires.organisation_key') }} as titulaire_key,
    marches.codecpv as code_cpv,
    cast(marches.montant as decimal(18, 2)) as montant_euros,
    cast(cast(marches.montant as decimal(18, 2)) / count(*) over (partition by marches._id) as decimal(18, 2)) as part_euros,
    marches._load_id as load_id,
    marches._row as ligne
from {{ ref('slv_marches') }} as marches
left join {{ ref('slv_marches__titulaires') }} as holders on marches._id = holders._parent_id
left join {{ ref('dim_organisation') }} as titulaires
    on lpad(cast(holders.titulaire_id as varchar), 14, '0') = titulaires.siret
