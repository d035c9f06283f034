-- One row a day, with the public holidays of mainland France where the calendar is loaded.
with days as (
    {{ days_between("'2010-01-01'", "'2030-12-31'") }}
),

holidays as (
    select date as day, min(nom_jour_ferie) as nom
    from {{ ref('slv_jours_feries') }}
    where zone = 'Métropole'
    group by date
)

select
    days.day as jour,
    cast(extract(year from days.day) as integer) as annee,
    cast(extract(month from days.day) as integer) as mois,
    cast(extract(quarter from days.day) as integer) as trimestre,
    -- ISO 8601: Monday is 1.
    cast({{ iso_weekday("days.day") }} as integer) as jour_semaine,
    holidays.nom is not null as est_ferie,
    holidays.nom as nom_jour_ferie
from days
left join holidays on days.day = holidays.day
