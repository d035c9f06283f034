-- A version lasts while name and département stay the same from one vintage to the next (slowly changing, type 2).
with vintages as (
    select distinct vintage from {{ ref('commune_vintage') }}
),

successors as (
    select vintage, lead(vintage) over (order by vintage) as next_vintage from vintages
),

seen as (
    select
        communes.*,
        successors.next_vintage,
        lag(communes.vintage) over (partition by code_commune, nom, code_departement order by communes.vintage) as same_before,
        lag(successors.next_vintage) over (partition by code_commune, nom, code_departement order by communes.vintage) as same_until
    from {{ ref('commune_vintage') }} as communes
    inner join successors on communes.vintage = successors.vintage
),

runs as (
    select
        *,
        sum(case when same_before is null or same_until <> vintage then 1 else 0 end)
            over (partition by code_commune, nom, code_departement order by vintage rows unbounded preceding) as run
    from seen
)

select
    code_commune,
    nom,
    code_departement,
    min(vintage) as valid_from,
    -- Open while the newest vintage has it.
    case when max(case when next_vintage is null then 1 else 0 end) = 1 then null else max(next_vintage) end as valid_to
from runs
group by code_commune, nom, code_departement, run
