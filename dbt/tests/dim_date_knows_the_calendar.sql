-- Days that anybody can look up: Easter Monday 2021, Labour Day 2022, a Sunday, a leap day.
with known as (
    select cast('2021-04-05' as date) as jour, 1 as jour_semaine, true as est_ferie
    union all
    select cast('2022-05-01' as date), 7, true
    union all
    select cast('2024-02-25' as date), 7, false
    union all
    select cast('2024-02-29' as date), 4, false
)
select known.jour
from known
left join {{ ref('dim_date') }} as days on known.jour = days.jour
where days.jour is null or days.jour_semaine <> known.jour_semaine or days.est_ferie <> known.est_ferie
