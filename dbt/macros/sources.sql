{# Bronze is in the warehouse, or wherever the variable `odh_bronze` says, `{table}` for a table's name: files and snapshots that DuckDB reads.

       dbt build --vars "{odh_bronze: \"iceberg_scan('/lakehouse/bronze/{table}')\"}" #}
{% macro source(source_name, table_name) -%}
    {%- set relation = builtins.source(source_name, table_name) -%}
    {%- if source_name == 'bronze' and var('odh_bronze', none) is not none -%}
        {{ return(var('odh_bronze') | replace('{table}', table_name)) }}
    {%- endif -%}
    {{ return(relation) }}
{%- endmacro %}
