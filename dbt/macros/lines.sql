{# Facts that grow line by line. A row of a fact is known by the load and the line that it is from, so the order in which loads arrive, a load that
   is made again and a line that is gone all end in what a full refresh gives. `forget_lines` runs before a model, `only_new_lines` ends it. #}

{# Takes away rows whose line is no longer there, and those that are `late`: whose dimension came after them, and is to be looked up again. #}
{% macro forget_lines(relation, late=none) -%}
    {%- if is_incremental() -%}
    delete from {{ this }}
    where not exists (
        select 1 from {{ relation }} as kept
        where kept._load_id = {{ this.identifier }}.load_id and kept._row = {{ this.identifier }}.ligne
    )
    {%- if late is not none %} or ({{ late }}){% endif %}
    {%- endif -%}
{%- endmacro %}

{# Only lines that the fact does not have. #}
{% macro only_new_lines(lines) -%}
    {%- if is_incremental() -%}
    where not exists (select 1 from {{ this }} as old where old.load_id = {{ lines }}._load_id and old.ligne = {{ lines }}._row)
    {%- endif -%}
{%- endmacro %}

{# Rows of an unknown département that is known by now. #}
{% macro late_departements() -%}
    departement_key = {{ unknown_key() }} and code_departement in (select code_departement from {{ ref('dim_departement') }})
{%- endmacro %}
