-- Who buys and who holds public contracts, by SIRET as text: leading zeros count.
with named as (
    select lpad(cast(acheteur_id as varchar), 14, '0') as siret, true as est_acheteur, false as est_titulaire
    from {{ ref('slv_marches') }}
    union all
    select lpad(cast(titulaire_id as varchar), 14, '0'), false, true
    from {{ ref('slv_marches__titulaires') }}
    where titulaire_typeidentifiant = 'SIRET'
)

select
    {{ surrogate_key(['siret']) }} as organisation_key,
    siret,
    substr(siret, 1, 9) as siren,
    max(case when est_acheteur then 1 else 0 end) = 1 as est_acheteur,
    max(case when est_titulaire then 1 else 0 end) = 1 as est_titulaire
from named
where siret is not null
group by siret
union all
select {{ unknown_key() }}, '?', '?', false, false
