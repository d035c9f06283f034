{# fakesnow has no temporary tables with the name of a database. Other targets run what dbt-snowflake writes. #}
{% macro snowflake__create_table_as(temporary, relation, compiled_code, language='sql') -%}
    {{ return(dbt.snowflake__create_table_as(temporary and target.name != 'fakesnow', relation, compiled_code, language)) }}
{%- endmacro %}
