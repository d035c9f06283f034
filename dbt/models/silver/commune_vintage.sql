-- Every commune of every vintage that is loaded: code, name and département as the COG of that year has them.
select
    com as code_commune,
    libelle as nom,
    dep as code_departement,
    cast('2026-01-01' as date) as vintage
from {{ ref('slv_communes') }}
where typecom = 'COM'

union all

-- In 2014 the code was written in two columns, the article in a third.
select
    dep || com as code_commune,
    coalesce(translate(artmin, '()', ''), '')
    || case when artmin is null or artmin like '%''%' then '' else ' ' end || nccenr as nom,
    dep as code_departement,
    cast('2014-01-01' as date) as vintage
from {{ ref('slv_communes_2014') }}
