-- One row a year, département and kind of offence. The years of the file are written in two digits.
{{ config(
    materialized = 'incremental', incremental_strategy = 'append', on_schema_change = 'fail',
    pre_hook = "{{ forget_lines(ref('slv_delinquance'), late_departements()) }}"
) }}
select
    cast(2000 + facts.annee as integer) as annee,
    {{ known_or_unknown('departements.departement_key') }} as departement_key,
    facts.code_departement,
    facts.classe,
    facts.unite_de_compte,
    facts.faits,
    facts.pop as population,
    facts._load_id as load_id,
    facts._row as ligne
from {{ ref('slv_delinquance') }} as facts
left join {{ ref('dim_departement') }} as departements on facts.code_departement = departements.code_departement
{{ only_new_lines('facts') }}
