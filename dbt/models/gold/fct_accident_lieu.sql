-- One row a place of an injury accident; the first four digits of an accident's number are its year.
{{ config(
    materialized = 'incremental', incremental_strategy = 'append', on_schema_change = 'fail',
    pre_hook = "{{ forget_lines(ref('slv_accidents_lieux')) }}"
) }}
select
    num_acc as numero_accident,
    cast(substr(cast(num_acc as varchar), 1, 4) as integer) as annee,
    cast(catr as integer) as categorie_route,
    voie,
    cast(vma as integer) as vitesse_autorisee,
    _load_id as load_id,
    _row as ligne
from {{ ref('slv_accidents_lieux') }} as facts
{{ only_new_lines('facts') }}
