-- One row a day, département and sex (0: both), as the newest publication has them.
{{ config(
    materialized = 'incremental', incremental_strategy = 'append', on_schema_change = 'fail',
    pre_hook = "{{ forget_lines(ref('slv_hospitalisations'), late_departements()) }}"
) }}
select
    facts.jour,
    {{ known_or_unknown('departements.departement_key') }} as departement_key,
    facts.dep as code_departement,
    cast(facts.sexe as integer) as sexe,
    facts.hosp as hospitalises,
    facts.rea as en_reanimation,
    facts.rad as retours_a_domicile,
    facts.dc as deces,
    facts._load_id as load_id,
    facts._row as ligne
from {{ ref('slv_hospitalisations') }} as facts
left join {{ ref('dim_departement') }} as departements on facts.dep = departements.code_departement
{{ only_new_lines('facts') }}
