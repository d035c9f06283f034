-- The COG is published as a list of a day and as movements: every commune of a list has a version on that day.
select vintages.code_commune, vintages.vintage, vintages.nom
from {{ ref('commune_vintage') }} as vintages
left join {{ ref('commune_version') }} as versions
    on vintages.code_commune = versions.code_commune
    and vintages.vintage >= versions.valid_from
    and vintages.vintage < coalesce(versions.valid_to, cast('9999-12-31' as date))
where versions.code_commune is null
